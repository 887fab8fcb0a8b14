/** The part of Cinder CSI that calls the cloud: makes, attaches, enlarges and removes volumes. */
import type { KubeObject } from '../../../../kube/index.ts'
import type { Surroundings } from './add-on.ts'
import { liveness, pluginImage, sidecarImage } from './cinder-images.ts'
import {
  cloudFiles,
  confined,
  confinedPod,
  credentialMark,
  hostAliases,
  onMasters,
  small,
  workload,
} from './objects.ts'

export const controllerName = 'csi-cinder-controller'

const directory = '/csi'
const socket = `${directory}/csi.sock`
const socketMount = { name: 'socket', mountPath: directory }

export const controller = (about: Surroundings): KubeObject =>
  workload('Deployment', controllerName, {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    annotations: credentialMark(about),
    pod: {
      ...onMasters,
      ...hostAliases(about),
      securityContext: confinedPod,
      containers: [...sidecars(about), plugin(about)],
      volumes: [{ name: 'socket', emptyDir: {} }, cloudFiles.volume],
    },
  })

const attacher = ['--default-fstype=ext4', '--leader-election=true']
const provisioner = [
  '--default-fstype=ext4',
  '--feature-gates=Topology=true',
  '--extra-create-metadata',
  '--leader-election=true',
]
const resizer = ['--handle-volume-inuse-error=false', '--leader-election=true']

const sidecars = (about: Surroundings): readonly object[] => [
  sidecar(about, 'csi-attacher', ['--timeout=3m', ...attacher]),
  sidecar(about, 'csi-provisioner', ['--timeout=3m', ...provisioner]),
  sidecar(about, 'csi-resizer', ['--timeout=3m', ...resizer]),
  sidecar(about, 'livenessprobe', [`--health-port=${liveness.port}`]),
]

const sidecar = (about: Surroundings, name: Parameters<typeof sidecarImage>[1], args: readonly string[]): object => ({
  name,
  image: sidecarImage(about, name),
  imagePullPolicy: 'IfNotPresent',
  args: [`--csi-address=${socket}`, ...args],
  resources: small,
  securityContext: confined,
  volumeMounts: [socketMount],
})

const plugin = (about: Surroundings): object => ({
  name: 'cinder-csi-plugin',
  image: pluginImage(about),
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/cinder-csi-plugin'],
  args: [
    `--endpoint=unix:/${socket}`,
    '--provide-node-service=false',
    `--cloud-config=${cloudFiles.config}`,
    // Volumes have it in their metadata.
    `--cluster=${about.cluster}`,
  ],
  ports: [{ name: 'healthz', containerPort: liveness.port, protocol: 'TCP' }],
  livenessProbe: liveness.probe({ port: 'healthz' }),
  resources: small,
  securityContext: confined,
  volumeMounts: [socketMount, cloudFiles.mount],
})
