/**
 * What becomes of the options that a cluster or its template has beside labels. `docs/reference/labels.md` shows it; `judge.ts` says to
 * whoever asks for one without effect that it has none.
 */
import type { ClusterSpec } from '../../model/index.ts'
import { hasNetworkAddOn } from './addons/index.ts'
import { loginKeyOf } from './login-key.ts'

export interface OptionEntry {
  /** On the wire. */
  readonly name: string
  readonly verdict: 'honoured' | 'unused' | 'refused'
  /** As of a label: what it changes, what is so instead, or why. */
  readonly says: string
  /** Of one that is honoured elsewhere: where it is not. */
  readonly where?: string
  /** Of one that is not honoured: whether somebody asks for it. */
  readonly isAsked?: (spec: ClusterSpec) => boolean
}

const honoured = (name: string, says: string): OptionEntry => ({ name, verdict: 'honoured', says })
const unused = (name: string, says: string, isAsked: (spec: ClusterSpec) => boolean): OptionEntry => ({
  ...{ name, verdict: 'unused', says, isAsked },
})

/** What the client of Magnum sends when nobody says a word, or means what there is anyway. */
const ordinary = { storage: ['overlay', 'overlay2'], network: ['flannel', 'docker'] }

const isGrounded = ({ fixedNetwork }: ClusterSpec): boolean => fixedNetwork !== undefined

export const optionTable: readonly OptionEntry[] = [
  honoured('keypair, keypair_id', 'whose key logs in as debian; its text is kept, for Nova shows it to nobody else'),
  {
    ...unused('keypair', 'it is no key of SSH, so nobody can log in with it', (spec) => {
      return spec.publicKey !== undefined && loginKeyOf(spec) === undefined
    }),
    where: 'of the type x509',
  },
  honoured('image_id', 'its os_distro is croque-node; its Kubernetes, or its Docker, is that of the nodes'),
  honoured('flavor_id, master_flavor_id', 'what servers have'),
  honoured('node_count, master_count', 'how many there are'),
  honoured(
    'master_lb_enabled',
    'needed for more than one master; whether the API is behind a load balancer where the cloud has Octavia; else the masters hold its address in turn, whatever it says, and nothing spreads',
  ),
  honoured('external_network_id', 'where the router of the cluster leads, and floating IPs are'),
  honoured('floating_ip_enabled', 'whether each node, and the API, has a floating IP'),
  honoured('fixed_network, fixed_subnet', 'only together: a network that is there, on which Pods use a vxlan'),
  honoured('apiserver_port', 'of the API; without it 6443, in a swarm 2376'),
  honoured(
    'http_proxy, https_proxy, no_proxy',
    'of containerd and the kubelet, or of Docker; no_proxy with what is of the cluster itself',
  ),
  honoured(
    'insecure_registry',
    'registries that containerd, or Docker, asks without TLS or without a look at their certificate',
  ),
  honoured(
    'docker_volume_size',
    'GB of a volume for /var/lib/containerd, in a swarm for /var/lib/docker; refused for container guests, as all volumes',
  ),
  honoured(
    'node_labels, node_taints',
    'what nodes of a group register with; in a swarm node_labels are labels of the engine, and node_taints are refused',
  ),
  honoured('create_timeout', 'minutes after which a cluster that is not there yet has failed'),
  honoured('dns_nameserver', 'name servers of the network that a cluster makes'),
  {
    ...unused('dns_nameserver', 'the subnet that was given has its own name servers', (spec) => {
      return isGrounded(spec) && spec.template.dnsNameserver !== undefined
    }),
    where: 'with fixed_network',
  },
  {
    ...unused('floating_ip_enabled', 'without external_network_id there are no floating IPs', (spec) => {
      return spec.floatingIpEnabled && spec.template.externalNetworkId === undefined
    }),
    where: 'without external_network_id',
  },
  honoured(
    'network_driver',
    'flannel is taken for what there is: Pods of all nodes reach each other; flannel itself comes where the label flannel_backend says vxlan; calico and cilium are installed, with container_infra_prefix, and enforce NetworkPolicies, and cilium is refused for container guests; in a swarm, overlays of Docker do',
  ),
  {
    ...unused(
      'network_driver',
      'the driver connects Pods itself, by routes or a vxlan, and nobody enforces a NetworkPolicy',
      (spec) => {
        const { networkDriver } = spec.template
        return networkDriver !== undefined && !ordinary.network.includes(networkDriver) && !hasNetworkAddOn(spec)
      },
    ),
    where: 'calico, cilium without container_infra_prefix',
  },
  unused(
    'volume_driver',
    'Cinder CSI is installed where the label cinder_csi_enabled says so, and no plugin of Docker',
    ({ template }) => template.volumeDriver !== undefined,
  ),
  {
    ...unused('docker_storage_driver', 'images are on overlayfs', ({ template: { dockerStorageDriver } }) => {
      return dockerStorageDriver !== undefined && !ordinary.storage.includes(dockerStorageDriver)
    }),
    where: 'other than overlay, overlay2',
  },
  unused('registry_enabled', 'nodes have no registry of their own', ({ template }) => template.registryEnabled),
  unused('discovery_url', 'nodes find each other by the API of clusters', (spec) => (spec.discoveryUrl ?? '') !== ''),
  {
    name: 'tls_disabled',
    verdict: 'refused',
    says: 'the API speaks TLS only; make a template without it',
    isAsked: ({ template }) => template.tlsDisabled,
  },
]
