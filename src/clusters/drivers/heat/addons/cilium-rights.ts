/**
 * What Cilium's programs call, with the settings that they get here: no load balancers, no BGP, no Envoy, no mesh of clusters. Without
 * those nobody of them reads a Secret, and the operator no Services (github.com/cilium/cilium/install/kubernetes/cilium/templates).
 */
import type { PolicyRule } from '../../../../kube/index.ts'
import { leaderRules } from './objects.ts'

const group = 'cilium.io'
const ofCilium = (resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  ...{ apiGroups: [group], resources, verbs },
})
const reads = ['get', 'list', 'watch']

const policies = ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies']
const shared = ['ciliumendpoints', 'ciliumidentities', 'ciliumnodes']

/** All that some version makes, also those that nothing uses here: it makes every one of them. */
const kinds = [
  ...policies,
  ...shared,
  ...['ciliumbgpadvertisements', 'ciliumbgpclusterconfigs', 'ciliumbgpnodeconfigoverrides', 'ciliumbgpnodeconfigs'],
  ...['ciliumbgppeerconfigs', 'ciliumcidrgroups', 'ciliumclusterwideenvoyconfigs', 'ciliumdatapathplugins'],
  ...['ciliumegressgatewaypolicies', 'ciliumendpointslices', 'ciliumenvoyconfigs', 'ciliumgatewayclassconfigs'],
  ...['ciliuml2announcementpolicies', 'ciliumloadbalancerippools', 'ciliumlocalredirectpolicies'],
  ...['ciliumnodeconfigs', 'ciliumpodippools'],
]

export const agentRights: readonly PolicyRule[] = [
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: reads },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: reads },
  { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods', 'services'], verbs: reads },
  // It waits for them to be there.
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: reads },
  ofCilium([...policies, ...shared, 'ciliumcidrgroups', 'ciliumendpointslices', 'ciliumpodippools'], ['list', 'watch']),
  ofCilium(shared, ['create']),
  // pkg/nodediscovery, pkg/endpointmanager: its node and the Pods on it.
  ofCilium(['ciliumnodes', 'ciliumnodes/status'], ['get', 'update']),
  ofCilium(['ciliumendpoints'], ['get', 'patch', 'delete']),
  ofCilium(['ciliumendpoints/status'], ['patch']),
  ofCilium(['ciliumidentities'], ['update']),
]

export const operatorRights: {
  readonly everywhere: readonly PolicyRule[]
  readonly here: readonly PolicyRule[]
} = {
  everywhere: [
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: [...reads, 'create'] },
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions'],
      resourceNames: kinds.map((kind) => `${kind}.${group}`),
      verbs: ['update'],
    },
    { apiGroups: [''], resources: ['namespaces', 'nodes', 'pods'], verbs: reads },
    // What belongs to Pods and nodes that are gone.
    ofCilium(shared, [...reads, 'delete']),
    ofCilium(['ciliumidentities'], ['update']),
    ofCilium(['ciliumendpointslices'], [...reads, 'delete', 'deletecollection']),
    // Whether they can be read.
    ofCilium(policies, reads),
    ofCilium(
      policies.map((kind) => `${kind}/status`),
      ['patch', 'update'],
    ),
  ],
  here: leaderRules(['cilium-operator-resource-lock']),
}
