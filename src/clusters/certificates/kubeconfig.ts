/** The file that kubectl reads, as `openstack coe cluster config` writes it. */
import { stringify } from 'yaml'

export interface Kubeconfig {
  /** Of the cluster. */
  readonly name: string
  /** URL of its API server. */
  readonly server: string
  /** PEM of what to trust. */
  readonly ca: string
  /** PEM of the client's certificate, and of its key. */
  readonly cert: string
  readonly key: string
}

export function kubeconfigText({ name, server, ca, cert, key }: Kubeconfig): string {
  return stringify(
    {
      apiVersion: 'v1',
      clusters: [{ cluster: { 'certificate-authority-data': base64(ca), server }, name }],
      contexts: [{ context: { cluster: name, user: 'admin' }, name: 'default' }],
      'current-context': 'default',
      kind: 'Config',
      preferences: {},
      users: [{ name: 'admin', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    },
    // Base64 stays on one line.
    { lineWidth: 0 },
  )
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
