/** Clusters, templates, node groups and quotas on a Kubernetes API server. */
export { storeRules } from './access.ts'
export { clusterDefinitions } from './definitions.ts'
export { type ClusterStoreOptions, type OpenClusterStore, openClusterStore } from './open.ts'
