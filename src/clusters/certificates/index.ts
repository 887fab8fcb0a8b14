/** CAs of clusters: made once, kept in a Secret, rotated; and what is signed by them. */
export {
  type AdminCertificate,
  type CertificatesOptions,
  type ClusterCertificates,
  createCertificates,
  type RotationState,
} from './certificates.ts'
export type { CaKind } from './kinds.ts'
export { type Kubeconfig, kubeconfigText } from './kubeconfig.ts'
export type { CaMaterial, ControlPlaneMaterial } from './material.ts'
export type { Phase } from './rotation.ts'
export { type CertificateSettings, defaultSettings } from './settings.ts'
export type { AdminOptions } from './signing.ts'
export { keyStock } from './stock.ts'
