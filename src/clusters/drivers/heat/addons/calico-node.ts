/** Calico on a node: Felix, which makes routes and rules, and with IP in IP BIRD, which tells the others of routes. */
import type { KubeObject } from '../../../../kube/index.ts'
import { asRoot, field, hostPath, onEveryNode, pluginVolumes, small, workload } from './objects.ts'

export const nodeName = 'calico-node'
/** Whom the plugin is to the API server: calico-node asks for its token, and keeps it on the node. */
export const pluginName = 'calico-cni-plugin'

const group = 'crd.projectcalico.org/v1'
/** Programs of v3.32 find out by what is there otherwise, and at first nothing is. */
export const apiGroup = { name: 'CALICO_API_GROUP', value: group } as const

export interface CalicoNode {
  readonly images: { readonly node: string; readonly cni: string }
  /** Range of all Pods. */
  readonly pods: string
  /** Whether Pods' packets go in IP, and not in a vxlan. */
  readonly isIpip: boolean
}

export const calicoNode = (about: CalicoNode): KubeObject =>
  workload('DaemonSet', nodeName, {
    pod: {
      ...onEveryNode,
      // What it has made stays when it goes, and it has no better end.
      terminationGracePeriodSeconds: 0,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      initContainers: [bringsPlugin(about.images.cni)],
      containers: [felix(about)],
      volumes: [
        ...pluginVolumes(),
        hostPath('modules', '/lib/modules', 'Directory'),
        hostPath('lock', '/run/xtables.lock', 'FileOrCreate'),
        hostPath('run', '/var/run/calico', 'DirectoryOrCreate'),
        hostPath('state', '/var/lib/calico', 'DirectoryOrCreate'),
      ],
    },
  })

/**
 * Words in underscores are filled in where it is written. The MTU is what Felix finds the node's device to allow, less what wraps packets
 * up; no Pod starts before it has.
 */
const plugins = {
  cniVersion: '1.0.0',
  name: 'k8s-pod-network',
  plugins: [
    {
      type: 'calico',
      log_level: 'info',
      datastore_type: 'kubernetes',
      calico_api_group: group,
      nodename: '__KUBERNETES_NODE_NAME__',
      mtu: 0,
      require_mtu_file: true,
      ipam: { type: 'calico-ipam' },
      policy: { type: 'k8s' },
      kubernetes: { kubeconfig: '__KUBECONFIG_FILEPATH__' },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

const configurationMount = { name: 'configuration', mountPath: '/host/etc/cni/net.d' } as const

const bringsPlugin = (image: string): object => ({
  name: 'install-plugin',
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['/opt/cni/bin/install'],
  env: [
    ...valuesOf({
      CNI_CONF_NAME: '10-calico.conflist',
      CNI_NETWORK_CONFIG: JSON.stringify(plugins),
      CALICO_CNI_SERVICE_ACCOUNT: pluginName,
      SLEEP: 'false',
    }),
    field('KUBERNETES_NODE_NAME', 'spec.nodeName'),
  ],
  resources: small,
  securityContext: { ...asRoot, capabilities: { drop: ['ALL'] } },
  volumeMounts: [{ name: 'plugin', mountPath: '/host/opt/cni/bin' }, configurationMount],
})

const valuesOf = (values: Readonly<Record<string, string>>): readonly object[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const settingsOf = ({ pods, isIpip }: CalicoNode): Readonly<Record<string, string>> => ({
  DATASTORE_TYPE: 'kubernetes',
  WAIT_FOR_DATASTORE: 'true',
  [apiGroup.name]: apiGroup.value,
  CALICO_CNI_SERVICE_ACCOUNT: pluginName,
  CALICO_DISABLE_FILE_LOGGING: 'true',
  CALICO_NETWORKING_BACKEND: isIpip ? 'bird' : 'vxlan',
  CLUSTER_TYPE: isIpip ? 'k8s,bgp' : 'k8s',
  CALICO_IPV4POOL_CIDR: pods,
  CALICO_IPV4POOL_IPIP: isIpip ? 'Always' : 'Never',
  CALICO_IPV4POOL_VXLAN: isIpip ? 'Never' : 'Always',
  // What leaves the cluster is the node's own rule.
  CALICO_IPV4POOL_NAT_OUTGOING: 'false',
  // As kube-proxy's rules.
  FELIX_NFTABLESMODE: 'Enabled',
  FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
  FELIX_IPV6SUPPORT: 'false',
  FELIX_HEALTHENABLED: 'true',
  // What a tenant has is nobody's business.
  FELIX_USAGEREPORTINGENABLED: 'false',
})

/** It writes to `/proc/sys`, for every Pod, which nobody may who is less than privileged. */
const felix = (about: CalicoNode): object => ({
  name: nodeName,
  image: about.images.node,
  imagePullPolicy: 'IfNotPresent',
  env: [
    ...valuesOf(settingsOf(about)),
    field('NODENAME', 'spec.nodeName'),
    // Not the address of the API, which a master may have beside its own.
    field('IP', 'status.hostIP'),
  ],
  livenessProbe: { ...asks(about, 'live'), initialDelaySeconds: 10, failureThreshold: 6 },
  readinessProbe: asks(about, 'ready'),
  resources: { requests: { cpu: '100m', memory: '128Mi' } },
  securityContext: { privileged: true },
  volumeMounts: [
    configurationMount,
    { name: 'modules', mountPath: '/lib/modules', readOnly: true },
    { name: 'lock', mountPath: '/run/xtables.lock' },
    { name: 'run', mountPath: '/var/run/calico' },
    { name: 'state', mountPath: '/var/lib/calico' },
  ],
})

const asks = ({ isIpip }: CalicoNode, what: string): object => ({
  exec: { command: ['/bin/calico-node', `-felix-${what}`, ...(isIpip ? [`-bird-${what}`] : [])] },
  periodSeconds: 10,
  timeoutSeconds: 10,
})
