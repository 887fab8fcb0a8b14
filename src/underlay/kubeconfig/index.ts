/** Kubernetes that somebody else operates, by a kubeconfig. */
export { createKubeconfigUnderlay } from './kubeconfig.ts'
