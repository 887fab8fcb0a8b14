/** What whoever drives a cluster may do inside it: exactly the calls of `door.ts`. Tenants read it there. */
import type { KubeObject } from '../../../../kube/index.ts'

/** Of the certificate. A user without groups: all that it may do is written here. */
export const driverName = 'croque:driver'

const api = 'rbac.authorization.k8s.io'
const subject = { apiGroup: api, kind: 'User', name: driverName }
const metadata = { name: driverName }
/** Where kubelets leave their heartbeats. */
export const heartbeats = 'kube-node-lease'

const role = (rules: readonly object[], namespace?: string): readonly KubeObject[] => {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role'
  const place = namespace === undefined ? metadata : { ...metadata, namespace }
  const roleRef = { apiGroup: api, kind, name: driverName }
  return [
    { apiVersion: `${api}/v1`, kind, metadata: place, rules },
    { apiVersion: `${api}/v1`, kind: `${kind}Binding`, metadata: place, roleRef, subjects: [subject] },
  ]
}

export const driverRights: readonly KubeObject[] = [
  ...role([
    { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
  ]),
  ...role([{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] }], heartbeats),
]
