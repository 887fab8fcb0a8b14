/** What labels and options of a cluster say of its nodes. Everything that is wrong with them is found here, before anything is made. */
import type { Cluster } from '../../model/index.ts'
import { hasCloudController } from './addons/index.ts'
import { type ControlPlaneSettings, controlPlaneOf } from './control-plane.ts'
import { type Flag, flagsOf, listOf } from './flags.ts'
import { groundOf, type Ranges, rangesOf } from './layout.ts'
import { proxiesOf, proxyFiles } from './proxies.ts'
import { registryFiles } from './registries.ts'

export interface NodeSettings {
  readonly kubelet: readonly Flag[]
  readonly kubeletCiphers: readonly string[]
  readonly controlPlane: ControlPlaneSettings
  /** For containerd and the kubelet. Where there are some, containerd has to be started again. */
  readonly files: Readonly<Record<string, string>>
}

export interface Surroundings {
  /** Addresses and names that are never asked for by way of a proxy: of the node, the API server and the desk. */
  readonly near: readonly string[]
  /** Of its node group. */
  readonly labels: Readonly<Record<string, string>>
}

const kubeletOwn = [
  ...['config', 'config-dir', 'kubeconfig', 'bootstrap-kubeconfig', 'container-runtime-endpoint', 'hostname-override'],
  ...['node-ip', 'node-labels', 'register-with-taints', 'cgroup-driver', 'resolv-conf', 'client-ca-file'],
  ...['tls-cert-file', 'tls-private-key-file', 'cluster-dns', 'cluster-domain', 'root-dir'],
]

/** @throws CloudRefusal */
export function nodeSettings(cluster: Pick<Cluster, 'spec'>, { near, labels }: Surroundings): NodeSettings {
  const { template } = cluster.spec
  return {
    kubelet: [...cloudFlags(cluster.spec), ...flagsOf(labels, 'kubelet_options', kubeletOwn)],
    kubeletCiphers: listOf(labels['kubelet_tls_cipher_suites']),
    controlPlane: controlPlaneOf(cluster.spec.labels),
    files: {
      ...proxyFiles(proxiesOf(template, [...near, ...insideOf(cluster)]), ['containerd', 'kubelet']),
      ...registryFiles({ insecure: template.insecureRegistry, prefix: labels['container_infra_prefix'] }),
    },
  }
}

/** A kubelet that says so keeps Pods away until a cloud controller has seen its node: only where one comes. */
const cloudFlags = (spec: Cluster['spec']): readonly Flag[] =>
  hasCloudController(spec) ? [{ name: 'cloud-provider', value: 'external' }] : []

/** As Magnum completes no_proxy, and what a cluster has beside that. */
function insideOf(cluster: Pick<Cluster, 'spec'>): readonly string[] {
  const ranges: Ranges = rangesOf(cluster)
  const ground = groundOf(cluster)
  return [
    ...['localhost', '127.0.0.1', '169.254.169.254', '.svc', `.${ranges.dnsDomain}`, ranges.pods, ranges.services],
    ...('range' in ground ? [ground.range] : []),
  ]
}
