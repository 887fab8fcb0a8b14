/**
 * Calico: connects Pods by a vxlan of its own, or as IP in IP where a label says so, and enforces NetworkPolicies. kube-proxy stays.
 * Without Tigera's operator, whose rights are a cluster's: that one only makes Calico's kinds, once, and ends. Settings as of v3.32
 * (github.com/projectcalico/calico/manifests/calico-vxlan.yaml).
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { parseVersion } from '../../../rules/index.ts'
import { CloudRefusal } from '../cloud.ts'
import type { AddOn, Surroundings } from './add-on.ts'
import { crdsJob, crdsName } from './calico-crds.ts'
import { apiGroup, calicoNode, nodeName, pluginName } from './calico-node.ts'
import { controllerRights, crdsRights, nodeRights, pluginRights } from './calico-rights.ts'
import { tagOf } from './images.ts'
import { confined, confinedPod, onMasters, rightsOf, serviceAccount, workload } from './objects.ts'

const name = 'calico'
const controllersName = 'calico-kube-controllers'

/** No node is ready before it is there, so it comes with the cluster. */
export const calico: AddOn = {
  name,
  label: 'network_driver',
  isAsked: ({ template: { networkDriver } }) => networkDriver === name,
  objects: (about) => {
    const { tag, operatorTag } = versionsOf(about.labels)
    const image = (part: string): string => about.image({ registry: 'quay.io', path: `calico/${part}`, tag })
    return [
      ...accounts,
      crdsJob(about.image({ registry: 'quay.io', path: 'tigera/operator', tag: operatorTag })),
      calicoNode({
        images: { node: image('node'), cni: image('cni') },
        pods: about.pods,
        isIpip: isIpip(about.labels),
      }),
      controllers(image('kube-controllers')),
    ]
  },
}

const accounts: readonly KubeObject[] = [
  ...[crdsName, nodeName, pluginName, controllersName].map(serviceAccount),
  ...rightsOf(crdsName, { everywhere: crdsRights, here: [] }),
  ...rightsOf(nodeName, nodeRights(pluginName)),
  ...rightsOf(pluginName, { everywhere: pluginRights, here: [] }),
  ...rightsOf(controllersName, { everywhere: controllerRights, here: [] }),
]

/** By minor versions of Calico, which Tigera's operator has its kinds; later ones have their programs in other images. */
const operatorTags: Readonly<Record<number, string>> = { 31: 'v1.40.15', 32: 'v1.42.4' }
const newest = 32

/** @throws CloudRefusal */
function versionsOf(labels: Surroundings['labels']): { readonly tag: string; readonly operatorTag: string } {
  const tag = tagOf(labels, 'calico_tag', { usual: 'v3.32.1', oldest: 'v3.31.0' })
  const { major, minor } = parseVersion(tag) ?? { major: 3, minor: newest }
  const operatorTag = operatorTags[minor]
  if (major === 3 && operatorTag !== undefined) return { tag, operatorTag }
  throw new CloudRefusal(`Label calico_tag: ${tag} is not known here; v3.31 and v3.32 are`)
}

/** Whatever else it says, Neutron would not let Pods' addresses through as they are. */
const isIpip = (labels: Surroundings['labels']): boolean =>
  labels['calico_ipv4pool_ipip']?.trim().toLowerCase() === 'always'

/** Gives back the addresses of nodes that are gone. */
const controllers = (image: string): KubeObject =>
  workload('Deployment', controllersName, {
    strategy: { type: 'Recreate' },
    pod: {
      ...onMasters,
      securityContext: confinedPod,
      containers: [
        {
          name: controllersName,
          image,
          imagePullPolicy: 'IfNotPresent',
          env: [
            { name: 'ENABLED_CONTROLLERS', value: 'node' },
            { name: 'DATASTORE_TYPE', value: 'kubernetes' },
            apiGroup,
          ],
          livenessProbe: { ...check('-l'), initialDelaySeconds: 10, failureThreshold: 6 },
          readinessProbe: check('-r'),
          resources: { requests: { cpu: '20m', memory: '64Mi' } },
          securityContext: confined,
          volumeMounts: [{ name: 'status', mountPath: '/status' }],
        },
      ],
      volumes: [{ name: 'status', emptyDir: {} }],
    },
  })

const check = (what: string): object => ({
  exec: { command: ['/usr/bin/check-status', what] },
  periodSeconds: 10,
  timeoutSeconds: 10,
})
