/** What Calico's programs call, with the settings that they get here (github.com/projectcalico/calico/manifests/calico-vxlan.yaml). */
import type { PolicyRule } from '../../../../kube/index.ts'

const core = (resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  ...{ apiGroups: [''], resources, verbs },
})
const ofCalico = (resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  ...{ apiGroups: ['crd.projectcalico.org'], resources, verbs },
})
const follows = ['list', 'watch']
const reads = ['get', ...follows]
const writes = ['create', 'update']
const keeps = [...reads, ...writes, 'delete']

/** Which addresses are whose. */
const allocations = ['blockaffinities', 'ipamblocks', 'ipamhandles']
const policies = ['globalnetworkpolicies', 'networkpolicies', 'stagedglobalnetworkpolicies', 'stagednetworkpolicies']

/** cmd/main.go of Tigera's operator: whether another one is at work, and then what it is run for. */
export const crdsRights: readonly PolicyRule[] = [
  { ...core(['configmaps'], follows), resourceNames: ['active-operator'] },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['create'] },
]

/** Everything that Felix and BIRD go by, and what one of them makes at its first start. Tokens are those of the plugin alone. */
export const nodeRights = (
  plugin: string,
): { readonly everywhere: readonly PolicyRule[]; readonly here: readonly PolicyRule[] } => ({
  everywhere: [
    core(['namespaces', 'nodes', 'pods'], reads),
    core(['serviceaccounts', 'services'], follows),
    // Addresses and routes of a node are notes of its Node.
    core(['nodes/status'], ['patch', 'update']),
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: follows },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: follows },
    {
      apiGroups: ['policy.networking.k8s.io'],
      resources: ['adminnetworkpolicies', 'baselineadminnetworkpolicies', 'clusternetworkpolicies'],
      verbs: follows,
    },
    // It does not begin before it has heard that there are none.
    { apiGroups: ['kubevirt.io'], resources: ['virtualmachineinstancemigrations'], verbs: follows },
    ofCalico(
      [
        ...policies,
        ...['stagedkubernetesnetworkpolicies', 'globalnetworksets', 'networksets', 'tiers', 'hostendpoints'],
        ...['bgpconfigurations', 'bgpfilters', 'bgppeers', 'caliconodestatuses', 'clusterinformations'],
        ...['felixconfigurations', 'ippools', 'ipreservations'],
      ],
      reads,
    ),
    ofCalico(['bgpconfigurations', 'clusterinformations', 'felixconfigurations', 'ippools'], writes),
    ofCalico(['tiers'], ['create']),
    ofCalico(['caliconodestatuses'], ['update']),
    // The address of its own end of the tunnel.
    ofCalico(allocations, keeps),
    ofCalico(['ipamconfigs'], ['get', 'create']),
  ],
  here: [{ ...core(['serviceaccounts/token'], ['create']), resourceNames: [plugin] }],
})

/** An address for a Pod, and a note of it on the Pod. */
export const pluginRights: readonly PolicyRule[] = [
  core(['namespaces', 'nodes', 'pods'], ['get']),
  core(['pods/status'], ['patch']),
  ofCalico(allocations, keeps),
  ofCalico(['ipamconfigs'], ['get', 'create']),
  ofCalico(['clusterinformations', 'ippools', 'ipreservations'], ['get', 'list']),
]

/** Without the controllers of Services and of other kinds: v3.32 waits for the kinds of the last in vain, and says so in its log. */
export const controllerRights: readonly PolicyRule[] = [
  core(['namespaces', 'nodes', 'pods'], reads),
  ofCalico(allocations, keeps),
  ofCalico(['ipamconfigs', 'ippools', 'ipreservations'], reads),
  ofCalico(['clusterinformations', 'kubecontrollersconfigurations'], [...reads, ...writes]),
  ofCalico(['kubecontrollersconfigurations/status'], ['get', 'update']),
  ofCalico(['tiers'], [...reads, 'create']),
  // It looks for those of its own making, of which there are none.
  ofCalico(['hostendpoints'], reads),
  // Names of policies changed with v3.32.
  ofCalico(policies, keeps),
]
