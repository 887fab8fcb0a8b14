/**
 * cluster-autoscaler, as it is: it reads node groups and their bounds from the API of clusters and resizes there. Flags and calls as of v1.35
 * (github.com/kubernetes/autoscaler, cluster-autoscaler); what it logs in with is told in `clusters/autoscaler`.
 */
import type { PolicyRule } from '../../../../kube/index.ts'
import { labelIsTrue } from '../../../rules/index.ts'
import type { AddOn, Asking, Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import {
  autoscalerFiles,
  confined,
  confinedPod,
  credentialMark,
  eventRule,
  hostAliases,
  leaderRules,
  onMasters,
  rightsOf,
  serviceAccount,
  workload,
} from './objects.ts'

const name = 'cluster-autoscaler'
const label = 'auto_scaling_enabled'
const port = 8085

/** Node groups, and their discovery by roles, are known since v1.19; the Leases of leaders, and probes by HTTP, before. */
const versions = { usual: 'v1.35.0', oldest: 'v1.19.0' } as const

const isTrue = ({ labels }: Asking, label: string): boolean => labelIsTrue(labels[label] ?? '')

/** It knows a node by the ID of its server, which is what the cloud controller writes. */
const knowsNodes = (spec: Asking): boolean => isTrue(spec, 'cloud_provider_enabled')

export const autoscalerWarnings = (spec: Asking): readonly string[] =>
  isTrue(spec, label) && !knowsNodes(spec)
    ? [
        `Label "${label}" has no effect without cloud_provider_enabled=true: ${name} knows nodes by what openstack-cloud-controller-manager writes.`,
      ]
    : []

const seen = (apiGroup: string, resources: readonly string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs: ['get', 'list', 'watch'],
})

export const clusterAutoscaler: AddOn = {
  name,
  label,
  isAsked: (spec) => isTrue(spec, label) && knowsNodes(spec),
  login: 'autoscaler-login',
  objects: (about) => [
    serviceAccount(name),
    ...rightsOf(name, {
      everywhere: [
        // What a scheduler would look at, for it asks one where Pods would go; and whose Pods they are.
        seen('', ['pods', 'nodes', 'namespaces', 'services', 'replicationcontrollers']),
        seen('', ['persistentvolumes', 'persistentvolumeclaims']),
        seen('apps', ['daemonsets', 'replicasets', 'statefulsets']),
        seen('batch', ['jobs']),
        seen('policy', ['poddisruptionbudgets']),
        seen('storage.k8s.io', [
          'storageclasses',
          'csinodes',
          'csidrivers',
          'csistoragecapacities',
          'volumeattachments',
        ]),
        seen('resource.k8s.io', ['resourceslices', 'resourceclaims', 'deviceclasses']),
        // Its taints, before it takes a node away.
        { apiGroups: [''], resources: ['nodes'], verbs: ['update', 'patch'] },
        { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] },
        eventRule,
      ],
      here: leaderRules([name]),
    }),
    deployment(about),
  ],
}

const deployment = (about: Surroundings) =>
  workload('Deployment', name, {
    annotations: credentialMark(about),
    pod: {
      // Where it runs it takes no node away.
      ...onMasters,
      ...hostAliases(about),
      securityContext: confinedPod,
      containers: [
        {
          name,
          image: about.image({
            path: `autoscaling/${name}`,
            tag: tagOf(about.labels, 'autoscaler_tag', versions),
          }),
          imagePullPolicy: 'IfNotPresent',
          command: [`/${name}`],
          args: [
            '--cloud-provider=magnum',
            `--cloud-config=${autoscalerFiles.config}`,
            `--cluster-name=${about.cluster}`,
            // Of these, those that have a max_node_count.
            '--node-group-auto-discovery=magnum:role=worker,autoscaling',
            // Its log and its events say the same, and so no ConfigMap is its to write.
            '--write-status-configmap=false',
          ],
          ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
          livenessProbe: { httpGet: { path: '/health-check', port }, initialDelaySeconds: 60, periodSeconds: 30 },
          resources: { requests: { cpu: '50m', memory: '128Mi' } },
          securityContext: confined,
          volumeMounts: [autoscalerFiles.mount],
        },
      ],
      volumes: [autoscalerFiles.volume],
    },
  })
