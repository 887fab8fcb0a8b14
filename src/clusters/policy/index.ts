/** Who may do what with clusters, as Magnum decides it. */
export type { RuleName } from './defaults.ts'
export { targetOf } from './facts.ts'
export { type ClusterPolicy, type ClusterPolicyOptions, type MadeClusterPolicy, makeClusterPolicy } from './policy.ts'
