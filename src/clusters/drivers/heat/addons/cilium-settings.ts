/** What Cilium's programs are told: a file an option, in a directory that both read when they start. */
import { digest, field } from './objects.ts'

/** Where nodes have the configuration of their plugins, and the agent sees it. */
export const pluginDirectory = { node: '/etc/cni/net.d', pod: '/host/etc/cni/net.d' } as const

/** Where systemd has mounted what the kernel shows; writable parts of `/proc` are below another one in a Pod. */
export const nodePaths = { bpf: '/sys/fs/bpf', cgroups: '/sys/fs/cgroup', proc: '/host/proc' } as const

export const settingsName = 'cilium-config'

export const ciliumSettings: Readonly<Record<string, string>> = {
  'cluster-name': 'default',
  'cluster-id': '0',
  'enable-ipv4': 'true',
  'enable-ipv6': 'false',
  // Of a node it is what Kubernetes says, which the agent waits for.
  ipam: 'kubernetes',
  'k8s-require-ipv4-pod-cidr': 'true',
  // Neutron knows no address of a Pod. The MTU is that of the node's device, less what the vxlan takes.
  'routing-mode': 'tunnel',
  'tunnel-protocol': 'vxlan',
  'tunnel-port': '8472',
  // What leaves the cluster is the node's own rule, which is the kernel's to do.
  'enable-ipv4-masquerade': 'false',
  'enable-host-legacy-routing': 'true',
  'kube-proxy-replacement': 'false',
  'bpf-lb-sock': 'false',
  // A port of the node that a Pod asks for is not kube-proxy's to open.
  'cni-chaining-mode': 'portmap',
  'cni-exclusive': 'true',
  'write-cni-conf-when-ready': `${pluginDirectory.pod}/05-cilium.conflist`,
  'identity-allocation-mode': 'crd',
  'enable-cilium-endpoint-slice': 'false',
  'bpf-root': nodePaths.bpf,
  'cgroup-root': nodePaths.cgroups,
  procfs: nodePaths.proc,
  // What they have rights for, and no more: load balancers are the cloud's, and Envoy is another image.
  'enable-l7-proxy': 'false',
  'enable-hubble': 'false',
  'enable-lb-ipam': 'false',
  'enable-health-checking': 'false',
  'enable-endpoint-health-checking': 'false',
  'enable-dynamic-config': 'false',
  'enable-drift-checker': 'false',
  'policy-secrets-only-from-secrets-namespace': 'true',
  'enable-policy-secrets-sync': 'false',
  // Nobody marks nodes for it, and no Pod had a network before it.
  'remove-cilium-node-taints': 'false',
  'set-cilium-node-taints': 'false',
  'set-cilium-is-up-condition': 'false',
  'unmanaged-pod-watcher-interval': '0s',
  'operator-api-serve-addr': '127.0.0.1:9234',
}

const directory = '/tmp/cilium/config-map'

/** They read it only when they start. */
export const fromSettings = {
  args: [`--config-dir=${directory}`],
  annotations: { 'croque.dev/configuration': digest(JSON.stringify(ciliumSettings)) },
  mount: { name: 'settings', mountPath: directory, readOnly: true },
  volume: { name: 'settings', configMap: { name: settingsName } },
} as const

export const whoItIs = [
  field('K8S_NODE_NAME', 'spec.nodeName'),
  field('CILIUM_K8S_NAMESPACE', 'metadata.namespace'),
] as const

export const healthAt = (port: number): object => ({ path: '/healthz', host: '127.0.0.1', port })
