/**
 * openstack-cloud-controller-manager: tells nodes apart by their servers, takes Nodes away whose servers are gone, and makes load
 * balancers of Services. Flags and calls as of v1.36 (github.com/kubernetes/cloud-provider-openstack, k8s.io/cloud-provider).
 */
import type { AddOn, Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import {
  cloudFiles,
  confined,
  confinedPod,
  credentialMark,
  eventRule,
  leaderRules,
  onMasters,
  rightsOf,
  serviceAccount,
  workload,
} from './objects.ts'

const name = 'openstack-cloud-controller-manager'

/** Since v1.28 controllers have the names that they have below. */
const versions = { usual: 'v1.36.0', oldest: 'v1.28.0' } as const

export const cloudController: AddOn = {
  name,
  label: 'cloud_provider_enabled',
  login: 'credential',
  objects: (about) => [
    serviceAccount(name),
    ...rightsOf(name, {
      everywhere: [
        // controllers/node, controllers/nodelifecycle: provider ID, labels, addresses and taints of nodes.
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'update', 'patch', 'delete'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
        // controllers/service, pkg/openstack/loadbalancer_service_patcher.go: which load balancer a Service has.
        { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch', 'patch'] },
        { apiGroups: [''], resources: ['services/status'], verbs: ['patch'] },
        eventRule,
      ],
      here: leaderRules(['cloud-controller-manager']),
    }),
    daemonSet(about),
  ],
}

/** That of Services ends the whole program where the catalog has no Octavia. */
const controllersOf = ({ balancers }: Surroundings): readonly string[] => [
  'cloud-node-controller',
  'cloud-node-lifecycle-controller',
  ...(balancers ? ['service-lb-controller'] : []),
]

const daemonSet = (about: Surroundings) =>
  workload('DaemonSet', name, {
    annotations: credentialMark(about),
    pod: {
      ...onMasters,
      // Nodes are of no use before it has seen them, so it waits for no network of Pods; and it finds the cloud where its node does.
      hostNetwork: true,
      dnsPolicy: 'Default',
      securityContext: confinedPod,
      containers: [
        {
          name,
          image: about.image({
            path: `provider-os/${name}`,
            tag: tagOf(about.labels, 'cloud_provider_tag', versions),
          }),
          imagePullPolicy: 'IfNotPresent',
          command: [`/bin/${name}`],
          args: [
            '--cloud-provider=openstack',
            `--cloud-config=${cloudFiles.config}`,
            // Load balancers have it in their names, and a project more than one cluster.
            `--cluster-name=${about.cluster}`,
            // Routes of Pods are the driver's.
            `--controllers=${controllersOf(about).join()}`,
            '--use-service-account-credentials=false',
            // Nobody asks it anything.
            '--secure-port=0',
          ],
          resources: { requests: { cpu: '50m', memory: '64Mi' } },
          securityContext: confined,
          volumeMounts: [cloudFiles.mount],
        },
      ],
      volumes: [cloudFiles.volume],
    },
  })
