/** The part of Cinder CSI that is on each node: formats and mounts volumes. It has no credential, and no login to the API server. */
import type { KubeObject } from '../../../../kube/index.ts'
import type { Surroundings } from './add-on.ts'
import { liveness, pluginImage, sidecarImage } from './cinder-images.ts'
import { driver } from './cinder-storage.ts'
import { confined, hostPath, small, workload } from './objects.ts'

export const nodeName = 'csi-cinder-node'

const directory = '/csi'
const socket = `${directory}/csi.sock`
const kubelet = '/var/lib/kubelet'

const mount = (name: string, mountPath: string, mountPropagation?: string): object => ({
  name,
  mountPath,
  ...(mountPropagation === undefined ? {} : { mountPropagation }),
})

export const nodePlugin = (about: Surroundings): KubeObject =>
  workload('DaemonSet', nodeName, {
    pod: {
      automountServiceAccountToken: false,
      priorityClassName: 'system-node-critical',
      // A volume may be wanted on any node.
      tolerations: [{ operator: 'Exists' }],
      // Nova's metadata are for the server, at an address that only it is sure to reach.
      hostNetwork: true,
      dnsPolicy: 'Default',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [registrar(about), probe(about), plugin(about)],
      volumes: [
        hostPath('socket', `${kubelet}/plugins/${driver}`, 'DirectoryOrCreate'),
        hostPath('registration', `${kubelet}/plugins_registry`, 'Directory'),
        hostPath('kubelet', kubelet, 'Directory'),
        hostPath('devices', '/dev', 'Directory'),
      ],
    },
  })

/** Sockets of the kubelet are root's. */
const asRoot = { ...confined, runAsUser: 0, runAsGroup: 0 } as const

const registrar = (about: Surroundings): object => ({
  name: 'csi-node-driver-registrar',
  image: sidecarImage(about, 'csi-node-driver-registrar'),
  imagePullPolicy: 'IfNotPresent',
  args: [`--csi-address=${socket}`, `--kubelet-registration-path=${kubelet}/plugins/${driver}/csi.sock`],
  resources: small,
  securityContext: asRoot,
  volumeMounts: [mount('socket', directory), mount('registration', '/registration')],
})

/** Heard on the node itself only. */
const probe = (about: Surroundings): object => ({
  name: 'livenessprobe',
  image: sidecarImage(about, 'livenessprobe'),
  imagePullPolicy: 'IfNotPresent',
  args: [`--csi-address=${socket}`, `--http-endpoint=127.0.0.1:${liveness.port}`],
  resources: small,
  securityContext: asRoot,
  volumeMounts: [mount('socket', directory)],
})

const plugin = (about: Surroundings): object => ({
  name: 'cinder-csi-plugin',
  image: pluginImage(about),
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/cinder-csi-plugin'],
  args: [`--endpoint=unix:/${socket}`, '--provide-controller-service=false'],
  livenessProbe: liveness.probe({ host: '127.0.0.1', port: liveness.port }),
  resources: small,
  // Nobody else's mounts reach the node.
  securityContext: { privileged: true, runAsUser: 0, runAsGroup: 0 },
  volumeMounts: [
    mount('socket', directory),
    mount('kubelet', kubelet, 'Bidirectional'),
    mount('devices', '/dev', 'HostToContainer'),
  ],
})
