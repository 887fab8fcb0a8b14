/**
 * flannel: connects Pods by a vxlan of its own, in the place of the driver. Kubernetes hands out the nodes' parts of the Pods' addresses
 * then, and the cloud sees none of them. Flags and rights as of v0.28 (github.com/flannel-io/flannel/Documentation/kube-flannel.yml).
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { type AddOn, namespace, type Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import {
  asRoot,
  field,
  hostPath,
  labelsOf,
  onEveryNode,
  pluginVolumes,
  rightsOf,
  serviceAccount,
  small,
  workload,
} from './objects.ts'

const name = 'flannel'
const backend = 'vxlan'

/** No node is ready before it is there, so it comes with the cluster. */
export const flannel: AddOn = {
  name,
  label: 'flannel_backend',
  isAsked: ({ labels, template: { networkDriver } }) =>
    labels['flannel_backend']?.trim() === backend && (networkDriver ?? name) === name,
  objects: (about) => [
    serviceAccount(name),
    ...rightsOf(name, {
      everywhere: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
      here: [],
    }),
    configMap(about),
    daemonSet(about),
  ],
}

const plugins = {
  cniVersion: '1.0.0',
  name: 'flannel',
  plugins: [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

const configMap = ({ pods }: Surroundings): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: labelsOf(name) },
  data: {
    '10-flannel.conflist': JSON.stringify(plugins, null, 2),
    'net-conf.json': JSON.stringify({ Network: pods, Backend: { Type: backend, Port: 8472 } }),
  },
})

const daemonSet = (about: Surroundings): KubeObject =>
  workload('DaemonSet', name, {
    pod: {
      ...onEveryNode,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      initContainers: [
        brings('plugin', { image: pluginImage(about), from: '/flannel', to: '/opt/cni/bin' }),
        // The last file, for the kubelet takes the node for ready then.
        brings('configuration', {
          image: image(about),
          from: '/etc/kube-flannel/10-flannel.conflist',
          to: '/etc/cni/net.d',
        }),
      ],
      containers: [flanneld(about)],
      volumes: [
        ...pluginVolumes(),
        hostPath('run', '/run/flannel', 'DirectoryOrCreate'),
        hostPath('lock', '/run/xtables.lock', 'FileOrCreate'),
        { name: 'settings', configMap: { name } },
      ],
    },
  })

const settings = { name: 'settings', mountPath: '/etc/kube-flannel', readOnly: true } as const

const image = ({ image: at, labels }: Surroundings): string =>
  at({
    ...{ registry: 'ghcr.io', path: 'flannel-io/flannel' },
    tag: tagOf(labels, 'flannel_tag', { usual: 'v0.28.9', oldest: 'v0.22.0' }),
  })

const pluginImage = ({ image: at, labels }: Surroundings): string =>
  at({
    ...{ registry: 'ghcr.io', path: 'flannel-io/flannel-cni-plugin' },
    tag: tagOf(labels, 'flannel_cni_tag', { usual: 'v1.9.1-flannel3', oldest: 'v1.1.0' }),
  })

const brings = (what: string, way: { readonly image: string; readonly from: string; readonly to: string }): object => ({
  name: `install-${what}`,
  image: way.image,
  imagePullPolicy: 'IfNotPresent',
  command: ['cp', '-f', way.from, way.to],
  resources: small,
  securityContext: { ...asRoot, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  volumeMounts: [{ name: what, mountPath: way.to }, settings],
})

const flanneld = (about: Surroundings): object => ({
  name,
  image: image(about),
  imagePullPolicy: 'IfNotPresent',
  command: ['/opt/bin/flanneld'],
  args: [
    '--kube-subnet-mgr',
    // Not the address of the API, which a master may have beside its own.
    '--iface=$(NODE_ADDRESS)',
    // What leaves the cluster is the node's own rule, and nothing there forbids forwarding.
    '--ip-masq=false',
    '--iptables-forward-rules=false',
    '--healthz-ip=127.0.0.1',
    '--healthz-port=8081',
  ],
  env: [field('NODE_NAME', 'spec.nodeName'), field('NODE_ADDRESS', 'status.hostIP')],
  livenessProbe: { httpGet: { path: '/healthz', host: '127.0.0.1', port: 8081 }, periodSeconds: 30 },
  resources: { requests: { cpu: '50m', memory: '50Mi' } },
  // Its image puts the iptables that fits in place at every start.
  securityContext: { ...asRoot, capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] } },
  volumeMounts: [
    { name: 'run', mountPath: '/run/flannel' },
    { name: 'lock', mountPath: '/run/xtables.lock' },
    settings,
  ],
})
