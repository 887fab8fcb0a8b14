/**
 * Cilium: connects Pods by a vxlan of its own and enforces NetworkPolicies, by programs that its agent loads into the kernel of every node.
 * kube-proxy stays, and Kubernetes hands out the nodes' parts of the Pods' addresses. Its operator makes its kinds, so none is among these
 * objects. Settings as of v1.20 (github.com/cilium/cilium/install/kubernetes/cilium).
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { type AddOn, namespace, type Surroundings } from './add-on.ts'
import { agent } from './cilium-agent.ts'
import { agentRights, operatorRights } from './cilium-rights.ts'
import { ciliumSettings, fromSettings, healthAt, settingsName, whoItIs } from './cilium-settings.ts'
import { tagOf } from './images.ts'
import { confined, confinedPod, labelsOf, onMasters, rightsOf, serviceAccount, workload } from './objects.ts'

const name = 'cilium'
const operatorName = 'cilium-operator'

/** No node is ready before it is there, so it comes with the cluster. */
export const cilium: AddOn = {
  name,
  label: 'network_driver',
  isAsked: ({ template: { networkDriver } }) => networkDriver === name,
  objects: (about) => {
    const image = imageOf(about)
    return [
      serviceAccount(name),
      ...rightsOf(name, { everywhere: agentRights, here: [] }),
      serviceAccount(operatorName),
      ...rightsOf(operatorName, operatorRights),
      configMap,
      agent(name, image('cilium')),
      operator(image('operator-generic')),
    ]
  },
}

const imageOf = ({ image, labels }: Surroundings): ((path: string) => string) => {
  const tag = tagOf(labels, 'cilium_tag', { usual: 'v1.20.2', oldest: 'v1.19.0' })
  return (path) => image({ registry: 'quay.io', path: `cilium/${path}`, tag })
}

const configMap: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: settingsName, namespace, labels: labelsOf(name) },
  data: ciliumSettings,
}

/** On a master: agents wait for the kinds that it makes, and nothing else has a network before them. */
const operator = (image: string): KubeObject =>
  workload('Deployment', operatorName, {
    annotations: fromSettings.annotations,
    // The next one would wait for the port of the one before.
    strategy: { type: 'Recreate' },
    pod: {
      ...onMasters,
      tolerations: [{ operator: 'Exists' }],
      hostNetwork: true,
      securityContext: confinedPod,
      containers: [
        {
          name: operatorName,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['cilium-operator-generic'],
          args: fromSettings.args,
          env: whoItIs,
          livenessProbe: { httpGet: healthAt(9234), periodSeconds: 10, initialDelaySeconds: 60 },
          readinessProbe: { httpGet: healthAt(9234), periodSeconds: 10 },
          resources: { requests: { cpu: '20m', memory: '64Mi' } },
          securityContext: confined,
          volumeMounts: [fromSettings.mount],
        },
      ],
      volumes: [fromSettings.volume],
    },
  })
