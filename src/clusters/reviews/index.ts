/** Users of Keystone in clusters: what API servers of clusters ask, and how they do it. */
export { openReviews, type Reviews, type ReviewsOptions } from './door.ts'
export { apiServerFlags, apiServerVolume, authorizationFiles, type DoorForNodes, reviewerFiles } from './files.ts'
