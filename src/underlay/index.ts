/**
 * The Kubernetes below a cloud, behind one interface. Implementations: `embedded` (made on this machine);
 * `kubeconfig` (given) and `hosts` (made over SSH) are planned.
 */
export type * from './underlay.ts'
