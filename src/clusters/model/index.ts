/** Clusters, cluster templates, node groups and quotas: what they are, apart from how they are served, kept and made. */
export { type Claim, claimPlace, claimUsableMs, quotaUuid, releasePlace } from './claim.ts'
export { isSwarm } from './engine.ts'
export { createMemoryStore } from './memory.ts'
export { momentAfter, momentOf } from './moment.ts'
export * from './objects.ts'
export { goingNodeGroups, nodeGroupsOf, settle, stampOf, strayNodeGroups, wishedNodeGroups } from './settle.ts'
export { type ClusterSecret, type ClusterStore, type Collection, ConflictError } from './store.ts'
export { underWay, visibleStatus } from './visible.ts'
