/**
 * The Kubernetes API as croque uses it: a small client, list-and-watch stores, readiness of every kind, diagnosis of failures.
 */
export { KubeError, type StatusAnswer } from './answer.ts'
export {
  type ApplyOptions,
  createKube,
  type DeleteOptions,
  type Kube,
  type KubeList,
  type ListOptions,
  type LogOptions,
  type PatchOptions,
  type WriteOptions,
} from './client.ts'
export { type Diagnosis, diagnose } from './diagnose.ts'
export type { KubeEndpoint, KubeOptions } from './endpoint.ts'
export { isEvictable } from './evictable.ts'
export { builtinKind, builtinKinds, type KindEntry } from './kinds.ts'
export { inline, oneContext } from './kubeconfig.ts'
export { linesOf } from './lines.ts'
export { readableLine } from './log-line.ts'
export type * from './object.ts'
export { type PolicyRule, type Rights, rights, type Subject } from './rbac.ts'
export {
  hasReadiness,
  isPodReady,
  judge,
  mountReason,
  type Readiness,
  type Surroundings,
  waitReason,
} from './ready/index.ts'
export { groupOf, type KindRef, keyOf, type ObjectRef, refOf, subjectOf } from './ref.ts'
export { createStore, type Store, type StoreOptions } from './store.ts'
export type { WatchEvent } from './watch.ts'
