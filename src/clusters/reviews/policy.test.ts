import { expect, test } from 'vitest'
import { type AskedResource, grants } from './policy.ts'

/** `create apps/deployments in default`, `get /pods:exec in default`, `list /nodes`. */
function asked(text: string): AskedResource {
  const [, verb = '', group = '', resource = '', subresource = '', namespace = ''] =
    /^(\w+) ([\w.]*)\/(\w+)(?::(\w+))?(?: in ([\w-]+))?$/.exec(text) ?? []
  return { verb, group, resource, subresource, namespace }
}

const roles = ['reader', 'member', 'admin'] as const
const lowest = (text: string): string | undefined => roles.find((role) => grants([role], asked(text)) !== undefined)

test.each([
  ['list /pods', 'reader', 'all of them'],
  ['get /pods:log in default', 'reader', 'kubectl logs'],
  ['get apps/deployments:scale in kube-system', 'reader', 'to see is not to touch'],
  ['list /nodes', 'reader', 'kubectl get nodes'],
  ['list metrics.k8s.io/nodes', 'reader', 'kubectl top nodes'],
  ['watch /events in kube-system', 'reader', 'why does it wait?'],
  ['get /configmaps in kube-system', 'reader', 'as view'],
  ['create apps/deployments in default', 'member', ''],
  ['patch apps/deployments:scale in default', 'member', 'kubectl scale'],
  ['deletecollection /pods in default', 'member', ''],
  ['create /pods:exec in default', 'member', 'kubectl exec'],
  ['get /pods:exec in default', 'member', 'a get that runs programs is no reading'],
  ['get /services:proxy in default', 'member', 'nor one that calls'],
  ['get /secrets in default', 'member', 'as edit'],
  ['list /secrets', 'admin', 'those of all namespaces hold what Kubernetes itself is made of'],
  ['get /secrets in kube-system', 'admin', ''],
  ['create /pods in kube-system', 'admin', 'they would run as what may do everything'],
  ['create /namespaces', 'admin', 'edit may not either'],
  ['patch /namespaces in default', 'admin', 'labels of Pod security'],
  ['update /resourcequotas in default', 'admin', ''],
  ['create /endpoints in default', 'admin', 'CVE-2021-25740'],
  ['update discovery.k8s.io/endpointslices in default', 'admin', 'CVE-2021-25740'],
  ['create rbac.authorization.k8s.io/rolebindings in default', 'admin', 'nobody gives himself rights'],
  ['get rbac.authorization.k8s.io/roles in default', 'admin', 'as view and edit'],
  ['impersonate /serviceaccounts in default', 'admin', ''],
  ['get /nodes:proxy', 'admin', 'everything on a node'],
  ['delete /nodes', 'admin', ''],
  ['list example.com/widgets in default', 'admin', 'what tenants define is given by RBAC'],
  ['create authentication.k8s.io/tokenreviews', 'admin', ''],
])('%s needs %s', (text, role) => expect(lowest(text)).toBe(role))

test('no role, no right', () => expect(grants([], asked('list /pods in default'))).toBeUndefined())
