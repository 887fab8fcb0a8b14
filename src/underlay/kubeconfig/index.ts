/** Kubernetes that somebody else operates, by a kubeconfig. */
export { openAccess } from './access.ts'
export { createKubeconfigUnderlay } from './kubeconfig.ts'
