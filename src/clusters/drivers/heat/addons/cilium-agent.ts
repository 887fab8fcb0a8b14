/**
 * Cilium on a node. Upstream's Pod has more containers before the agent: they mount the file systems of BPF and of control groups, which
 * systemd has done, set rp_filter, which has to be done where it is strict, and read settings from the API server.
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { fromSettings, healthAt, nodePaths, pluginDirectory, whoItIs } from './cilium-settings.ts'
import { asRoot, hostPath, onEveryNode, small, workload } from './objects.ts'

export const agent = (name: string, image: string): KubeObject =>
  workload('DaemonSet', name, {
    annotations: fromSettings.annotations,
    pod: {
      ...onEveryNode,
      // AppArmor's usual profile forbids to write below /proc/sys.
      securityContext: { appArmorProfile: { type: 'Unconfined' }, seccompProfile: { type: 'RuntimeDefault' } },
      initContainers: [bringsPlugin(image)],
      containers: [agentContainer(image)],
      volumes: [
        fromSettings.volume,
        hostPath('plugin', '/opt/cni/bin', 'Directory'),
        ...mounts.map(({ volume, path, type }) => hostPath(volume, path, type)),
      ],
    },
  })

interface Mount {
  readonly volume: string
  /** On the node. */
  readonly path: string
  readonly type: string
  /** In the Pod. @default as on the node */
  readonly at?: string
  readonly how?: { readonly readOnly?: true; readonly mountPropagation?: 'HostToContainer' }
}

const grows = { mountPropagation: 'HostToContainer' } as const

const mounts: readonly Mount[] = [
  { volume: 'configuration', path: pluginDirectory.node, at: pluginDirectory.pod, type: 'Directory' },
  { volume: 'bpf', path: nodePaths.bpf, type: 'Directory', how: grows },
  { volume: 'cgroups', path: nodePaths.cgroups, type: 'Directory' },
  { volume: 'sysctl-net', path: '/proc/sys/net', at: `${nodePaths.proc}/sys/net`, type: 'Directory' },
  { volume: 'sysctl-kernel', path: '/proc/sys/kernel', at: `${nodePaths.proc}/sys/kernel`, type: 'Directory' },
  { volume: 'run', path: '/var/run/cilium', type: 'DirectoryOrCreate' },
  { volume: 'netns', path: '/var/run/netns', at: '/var/run/cilium/netns', type: 'DirectoryOrCreate', how: grows },
  { volume: 'modules', path: '/lib/modules', type: 'Directory', how: { readOnly: true } },
  { volume: 'lock', path: '/run/xtables.lock', type: 'FileOrCreate' },
]

const bringsPlugin = (image: string): object => ({
  name: 'install-plugin',
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['/install-plugin.sh'],
  resources: small,
  securityContext: { ...asRoot, capabilities: { drop: ['ALL'] } },
  volumeMounts: [{ name: 'plugin', mountPath: '/host/opt/cni/bin' }],
})

/** Those of upstream, without what loads modules (the kernel does, when it is asked for what is in one) and what Envoy needs. */
const capabilities = ['CHOWN', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'SYS_ADMIN', 'SYS_RESOURCE', 'SYSLOG']

const agentContainer = (image: string): object => ({
  name: 'cilium-agent',
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['cilium-agent'],
  args: fromSettings.args,
  env: whoItIs,
  // It waits for the operator's kinds, and the operator for its image.
  startupProbe: { httpGet: briefHealth, periodSeconds: 2, failureThreshold: 300 },
  livenessProbe: { httpGet: briefHealth, periodSeconds: 30, failureThreshold: 10, timeoutSeconds: 5 },
  readinessProbe: { httpGet: briefHealth, periodSeconds: 30, timeoutSeconds: 5 },
  resources: { requests: { cpu: '100m', memory: '256Mi' } },
  securityContext: { runAsUser: 0, runAsGroup: 0, capabilities: { drop: ['ALL'], add: capabilities } },
  volumeMounts: [
    fromSettings.mount,
    ...mounts.map(({ volume, path, at = path, how }) => ({ name: volume, mountPath: at, ...how })),
  ],
})

/** Whether it is well, and not what else of the cluster is. */
const briefHealth = { ...healthAt(9879), httpHeaders: [{ name: 'brief', value: 'true' }] }
