/** Where the kinds that croque uses live in the API, so that no discovery request is needed for them. */
import { groupOf, type KindRef } from './ref.ts'

export interface KindEntry extends KindRef {
  readonly plural: string
  readonly namespaced: boolean
}

const table = `
v1 ConfigMap configmaps namespaced
v1 Event events namespaced
v1 Namespace namespaces cluster
v1 Node nodes cluster
v1 PersistentVolume persistentvolumes cluster
v1 PersistentVolumeClaim persistentvolumeclaims namespaced
v1 Pod pods namespaced
v1 ResourceQuota resourcequotas namespaced
v1 Secret secrets namespaced
v1 Service services namespaced
v1 ServiceAccount serviceaccounts namespaced
apps/v1 ControllerRevision controllerrevisions namespaced
apps/v1 DaemonSet daemonsets namespaced
apps/v1 Deployment deployments namespaced
apps/v1 ReplicaSet replicasets namespaced
apps/v1 StatefulSet statefulsets namespaced
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced
batch/v1 CronJob cronjobs namespaced
batch/v1 Job jobs namespaced
coordination.k8s.io/v1 Lease leases namespaced
discovery.k8s.io/v1 EndpointSlice endpointslices namespaced
networking.k8s.io/v1 Ingress ingresses namespaced
networking.k8s.io/v1 NetworkPolicy networkpolicies namespaced
policy/v1 PodDisruptionBudget poddisruptionbudgets namespaced
rbac.authorization.k8s.io/v1 ClusterRole clusterroles cluster
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings cluster
rbac.authorization.k8s.io/v1 Role roles namespaced
rbac.authorization.k8s.io/v1 RoleBinding rolebindings namespaced
scheduling.k8s.io/v1 PriorityClass priorityclasses cluster
storage.k8s.io/v1 StorageClass storageclasses cluster
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions cluster
`

export const builtinKinds: readonly KindEntry[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [apiVersion = '', kind = '', plural = '', scope = ''] = line.split(' ')
    return { apiVersion, kind, plural, namespaced: scope === 'namespaced' }
  })

const byName = new Map(builtinKinds.map((entry) => [`${entry.apiVersion} ${entry.kind}`, entry]))

export function builtinKind(kind: KindRef): KindEntry | undefined {
  return byName.get(`${kind.apiVersion} ${kind.kind}`)
}

/** `/api/v1` or `/apis/apps/v1`. */
export function groupPath(kind: KindRef): string {
  return groupOf(kind) === '' ? `/api/${kind.apiVersion}` : `/apis/${kind.apiVersion}`
}
