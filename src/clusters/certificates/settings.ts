/** What an operator may decide about certificates of clusters. */
import type { KeyAlgorithm } from '../../pki/index.ts'

export interface CertificateSettings {
  /** Keys of CAs and of clients that are made here. */
  readonly keys: KeyAlgorithm
  /** Keys that tokens of service accounts are signed with. */
  readonly serviceAccountKeys: KeyAlgorithm
  readonly caDays: number
  /** Of certificates that are signed; they end with their CA at the latest. */
  readonly certificateHours: number
  /** How long before the present anything is valid from: a node's clock may be wrong until it has found a time server. */
  readonly skewHours: number
}

/**
 * ECDSA P-256 is what every client takes by now (all of k3s and RKE2 is made of it), and a cluster's CAs are there in milliseconds.
 * Tokens are RS256, since whoever else checks them (workload identities of other clouds) often knows nothing else.
 * Five years and one day are Magnum's. Certificates live a year, as kubeadm's: Terraform keeps the one it got and never asks again.
 */
export const defaultSettings: CertificateSettings = {
  keys: 'ecdsa-p256',
  serviceAccountKeys: 'rsa-2048',
  caDays: 1825,
  certificateHours: 365 * 24,
  skewHours: 24,
}
