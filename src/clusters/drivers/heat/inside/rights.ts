/** What whoever drives a cluster may do inside it: exactly the calls of `door.ts`. Tenants read it there. */
import { type KubeObject, rights } from '../../../../kube/index.ts'

/** Of the certificate. A user without groups: all that it may do is written here. */
export const driverName = 'croque:driver'

const subject = { kind: 'User', name: driverName }
/** Where kubelets leave their heartbeats. */
export const heartbeats = 'kube-node-lease'

export const driverRights: readonly KubeObject[] = [
  ...rights({
    metadata: { name: driverName },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'patch', 'delete'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
    ],
    subject,
  }),
  ...rights({
    metadata: { name: driverName, namespace: heartbeats },
    rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] }],
    subject,
  }),
]
