/**
 * The Kubernetes below a cloud, behind one interface. Implementations: `embedded` (made on this machine) and `kubeconfig` (given);
 * `hosts` (made over SSH) is planned.
 */
export { cordon, evict, onlyHere } from './drain.ts'
export { listNodes, type NodeFacts } from './nodes.ts'
export { type Placement, parseRoles, place, propose } from './placement.ts'
export type * from './underlay.ts'
