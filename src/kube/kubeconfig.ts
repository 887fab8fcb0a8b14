/** The file that says where a cluster's API is and who comes there. */
import { stringify } from 'yaml'

export interface OneContext {
  /** Of the cluster, and of the context. */
  readonly name: string
  readonly user: string
  /** In the words of a kubeconfig, both: `server`, `certificate-authority-data`, …; `token`, `client-key-data`, …. */
  readonly cluster: object
  readonly login: object
}

/** A kubeconfig with one context alone (https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/). */
export const oneContext = ({ name, user, cluster, login }: OneContext): string =>
  stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster }],
      users: [{ name: user, user: login }],
      contexts: [{ name, context: { cluster: name, user } }],
      'current-context': name,
    },
    // Base64 stays on one line.
    { lineWidth: 0 },
  )

/** PEM as a kubeconfig has it. */
export const inline = (pem: string): string => Buffer.from(pem).toString('base64')
