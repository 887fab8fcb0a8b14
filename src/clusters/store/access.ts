/** What the ServiceAccount of a process with a store may do in the namespace, and nothing more. */
import type { PolicyRule } from '../../kube/index.ts'
import { group } from '../model/index.ts'
import { fenceName } from './fence.ts'
import { storedKinds } from './kinds.ts'

/**
 * Rules of a Role. Secrets cannot be told apart by a prefix: whoever may read those of clusters may read any other of the namespace whose
 * name it knows, so a namespace of their own is worth having where it can be had. Nothing here lists Secrets.
 */
export function storeRules(): readonly PolicyRule[] {
  return [
    {
      apiGroups: [group],
      resources: storedKinds.map(({ plural }) => plural),
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    {
      apiGroups: [group],
      resources: storedKinds.filter(({ status }) => status !== undefined).map(({ plural }) => `${plural}/status`),
      verbs: ['patch'],
    },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: [fenceName], verbs: ['get', 'patch'] },
    // Kubernetes knows no name yet when something is created.
    { apiGroups: [''], resources: ['configmaps'], verbs: ['create'] },
  ]
}
