/** What an API server needs to ask at the door: two kubeconfigs with its token, and when it asks at all. Pure. */
import { stringify } from 'yaml'
import { inline, oneContext } from '../../kube/index.ts'
import { extraKeys } from './token-review.ts'

const directory = '/etc/kubernetes/keystone'
const authentication = `${directory}/authentication.kubeconfig`
const authorization = `${directory}/authorization.kubeconfig`
const configuration = `${directory}/authorization.yaml`

export interface DoorForNodes {
  /** Of this service, as nodes reach it. */
  readonly url: string
  /** PEM of the CA behind its certificate, where that is no public one. */
  readonly ca?: string
}

/** Path to text. Secret. */
export const reviewerFiles = (door: DoorForNodes, clusterId: string, token: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [authentication, authorization].map((path) => {
      const [, what = ''] = /(\w+)\.kubeconfig$/.exec(path) ?? []
      return [path, kubeconfig(`${door.url}/kubernetes/v1/clusters/${clusterId}/${what}`, door.ca, token)]
    }),
  )

const kubeconfig = (server: string, ca: string | undefined, token: string): string =>
  oneContext({
    name: 'clusters-api',
    user: 'api-server',
    cluster: { server, ...(ca === undefined ? {} : { 'certificate-authority-data': inline(ca) }) },
    login: { token },
  })

/** Node and RBAC first; asked here is only about who came in with a token of Keystone. */
export const authorizationFiles: Readonly<Record<string, string>> = {
  [configuration]: stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthorizationConfiguration',
    authorizers: [
      { type: 'Node', name: 'node' },
      { type: 'RBAC', name: 'rbac' },
      {
        type: 'Webhook',
        name: 'keystone',
        webhook: {
          authorizedTTL: '1m0s',
          unauthorizedTTL: '30s',
          timeout: '3s',
          subjectAccessReviewVersion: 'v1',
          matchConditionSubjectAccessReviewVersion: 'v1',
          failurePolicy: 'NoOpinion',
          connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: authorization },
          matchConditions: [{ expression: `'${extraKeys.projectId}' in request.extra` }],
        },
      },
    ],
  }),
}

/** Of a kube-apiserver. */
export const apiServerFlags: readonly { readonly name: string; readonly value: string }[] = [
  { name: 'authentication-token-webhook-config-file', value: authentication },
  { name: 'authentication-token-webhook-version', value: 'v1' },
  { name: 'authentication-token-webhook-cache-ttl', value: '1m0s' },
  { name: 'authorization-config', value: configuration },
]

/** In the words of kubeadm's ClusterConfiguration. */
export const apiServerVolume = {
  name: 'keystone',
  hostPath: directory,
  mountPath: directory,
  readOnly: true,
  pathType: 'Directory',
} as const
