import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { layoutOf } from '../../underlay/embedded/layout.ts'
import { knownServices } from '../fixture.ts'
import { loadCloud } from '../index.ts'
import { embeddedNodes } from '../underlay.ts'

const load = (spec: unknown) =>
  loadCloud(stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec }), {
    file: 'cloud.yaml',
    knownServices,
  })

function found(spec: unknown): readonly string[] {
  const result = load(spec)
  return (result.ok ? result.warnings : result.diagnostics).map(({ path, message }) => `${path}: ${message}`)
}

const provider = (settings: unknown) => ({ networks: { provider: settings } })
const nova = (settings: unknown) => ({ services: { nova: settings } })
const oneNode = (config: unknown) => ({ nodes: { 'cloud-1': { config } } })
const perNode =
  'settings for one node are for what runs once a node: neutron/agent (neutron.conf), nova/compute (nova.conf)'
const range = (start: string, end: string) => ({ floatingRange: { start, end } })
const networkPath = 'spec.networks.provider'

const storage = (backends: unknown, rest: object = {}) => ({ storage: { backends, ...rest } })
const storagePath = 'spec.storage'

test.each([
  ['no backend', storage({}), [`${storagePath}.backends: at least one backend; without it, the default is ceph`]],
  [
    'a default that is none',
    storage({ fast: { type: 'ceph' } }, { default: 'slow' }),
    [`${storagePath}.default: there is no backend "slow"`],
  ],
  [
    'NFS without a server',
    storage({ nas: { type: 'nfs', server: 'nas.example.org' } }),
    [`${storagePath}.backends.nas: nfs needs a server and the path that it exports, or a directory`],
  ],
  [
    'a directory beside a server',
    storage({ nas: { type: 'nfs', directory: '/srv/volumes', server: 'nas.example.org' } }),
    [
      `${storagePath}.backends.nas.directory: a directory stands in for a server: no server, path or mountOptions beside it`,
    ],
  ],
  [
    'a directory on two nodes',
    { underlay: { nodes: 2 }, ...storage({ nas: { type: 'nfs', directory: '/srv/volumes' } }) },
    [
      `${storagePath}.backends.nas.directory: a directory is one node's own: it stands in for an NFS server only where one embedded node is the whole cloud`,
    ],
  ],
  [
    "a directory on somebody's cluster",
    { underlay: { type: 'kubeconfig' }, ...storage({ nas: { type: 'nfs', directory: '/srv/volumes' } }) },
    [
      `${storagePath}.backends.nas.directory: a directory is one node's own: it stands in for an NFS server only where one embedded node is the whole cloud`,
    ],
  ],
  ['a directory on one node', storage({ nas: { type: 'nfs', directory: '/srv/volumes' } }), []],
  [
    'one volume type for two backends',
    storage({ fast: { type: 'ceph' }, disks: { type: 'lvm', volumeType: { name: 'fast' } } }),
    [`${storagePath}.backends.disks: the backend "fast" has the volume type "fast" already`],
  ],
  [
    'a backend in a section of something else',
    storage({ database: { type: 'ceph' } }),
    [
      `${storagePath}.backends.database: this name must be none of backend, barbican, coordination, cors, database, healthcheck, nova, profiler, vault`,
    ],
  ],
])('storage: %s', (_name, spec, expected) => {
  expect(found(spec)).toEqual(expected)
})

test.each([
  [
    'a gateway elsewhere',
    provider({ gateway: '10.0.0.1' }),
    [`${networkPath}.gateway: 10.0.0.1 is not an address of the provider network 172.24.4.0/24`],
  ],
  [
    'the broadcast address as gateway',
    provider({ gateway: '172.24.4.255' }),
    [`${networkPath}.gateway: 172.24.4.255 is not an address of the provider network 172.24.4.0/24`],
  ],
  [
    'a range that ends before it starts',
    provider(range('172.24.4.9', '172.24.4.8')),
    [`${networkPath}.floatingRange.end: the range ends at 172.24.4.8, before it starts at 172.24.4.9`],
  ],
  [
    'a gateway in the range',
    provider({ gateway: '172.24.4.5', ...range('172.24.4.2', '172.24.4.9') }),
    [`${networkPath}.floatingRange: the gateway 172.24.4.5 lies inside the floating range`],
  ],
  [
    'a tiny network',
    provider({ cidr: '192.168.1.0/30' }),
    [`${networkPath}.cidr: 192.168.1.0/30 is too small; it must be a /29 or larger`],
  ],
  [
    'the network of the nodes',
    provider({ cidr: '10.111.0.0/24' }),
    [`${networkPath}.cidr: 10.111.0.0/24 overlaps 10.111.0.0/24, which the embedded underlay uses`],
  ],
  [
    'a project network inside the provider network',
    { content: { network: { cidr: '172.24.4.64/26' } } },
    ['spec.content.network.cidr: 172.24.4.64/26 overlaps the provider network 172.24.4.0/24'],
  ],
  [
    'packets that no tunnel carries',
    { networks: { project: { mtu: 1443 } } },
    [
      'spec.networks.project.mtu: packets of 1443 bytes do not fit into the tunnels of project networks: at most 1442, which is what auto means',
    ],
  ],
  [
    'packets larger than those of the provider network',
    { networks: { provider: { mtu: 1400 }, project: { mtu: 1350 } } },
    [
      'spec.networks.project.mtu: packets of 1350 bytes do not fit into the tunnels of project networks: at most 1342, which is what auto means',
    ],
  ],
  [
    'a certificate of nowhere',
    { endpoints: { tls: { source: 'secret' } } },
    ['spec.endpoints.tls.source: source: secret needs a secretRef: {name: …}'],
  ],
  [
    'a certificate that is not asked for',
    { endpoints: { tls: { secretRef: { name: 'mine' } } } },
    ['spec.endpoints.tls.secretRef: secretRef is for source: secret only'],
  ],
  [
    'OSDs on a node that is not there, in a storage that is not ours',
    { storage: { external: { secretRef: { name: 'mine' } }, osds: { 'cloud-7': {} } } },
    [
      'spec.storage.osds.cloud-7: the underlay has no node "cloud-7"',
      'spec.storage.osds: OSDs are for a Ceph of our own, not for an external one',
    ],
  ],
  [
    'an OSD in two places',
    { storage: { osds: { 'cloud-1': { directory: '/var/lib/a', device: '/dev/sda' } } } },
    ['spec.storage.osds.cloud-1: a directory or a device, not both'],
  ],
  [
    'images of a registry that is not named',
    { images: { source: 'registry' } },
    ['spec.images.source: source: registry needs a registry: HOST[:PORT][/PREFIX]'],
  ],
  [
    'a registry by its URL',
    { images: { source: 'registry', registry: 'https://registry.example.org' } },
    [
      'spec.images.registry: must be HOST[:PORT][/PREFIX] in lower case, such as registry.example.org:5000/croque, not "https://registry.example.org"',
    ],
  ],
  [
    'a registry that every node would look for on itself',
    { images: { source: 'registry', registry: '127.0.0.1:5000/cloud' } },
    [
      'spec.images.registry: the nodes would look for it on themselves: name the registry as it is called from elsewhere',
    ],
  ],
  [
    'a CA of no registry',
    { images: { ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' } },
    ['spec.images.ca: ca is for a registry, and none is named'],
  ],
  [
    'a distribution of images that have none',
    { images: { distro: 'rocky', tag: 'x' } },
    ['spec.images.distro: distro is for source: kolla only', 'spec.images.tag: tag is for source: kolla only'],
  ],
  [
    'official images in nodes that are made here',
    { images: { source: 'kolla' } },
    ['spec.images.source: source: kolla is for a cluster that is given: underlay: {type: kubeconfig}'],
  ],
  [
    'a mirror that every node would look for on itself',
    { underlay: { type: 'kubeconfig' }, images: { source: 'kolla', registry: 'localhost:5000' } },
    [
      'spec.images.registry: the nodes would look for it on themselves: name the registry as it is called from elsewhere',
    ],
  ],
  [
    'one port for two',
    { endpoints: { port: 6443 } },
    ['spec.endpoints.port: port 6443 is that of the Kubernetes API (spec.underlay.apiPort)'],
  ],
  [
    'the embedded underlay behind a load balancer',
    { endpoints: { exposure: 'LoadBalancer' } },
    ['spec.endpoints.exposure: the embedded underlay has nothing outside itself that LoadBalancer could lead to'],
  ],
  [
    'a given cluster behind a listener of this machine',
    { underlay: { type: 'kubeconfig' }, endpoints: { exposure: 'embedded' } },
    ['spec.endpoints.exposure: embedded is for the embedded underlay only'],
  ],
  [
    'a Gateway of nowhere',
    { underlay: { type: 'kubeconfig' }, endpoints: { exposure: 'Gateway' } },
    ['spec.endpoints.exposure: exposure: Gateway needs a gateway: {name: …}'],
  ],
  [
    'a Gateway that is not asked for',
    { underlay: { type: 'kubeconfig' }, endpoints: { exposure: 'NodePort', gateway: { name: 'public' } } },
    ['spec.endpoints.gateway: gateway is for exposure: Gateway only'],
  ],
  [
    'a low port at the nodes',
    { underlay: { type: 'kubeconfig' }, endpoints: { exposure: 'HostNetwork', port: 443 } },
    ["spec.endpoints.port: on a node's own network the gateway, which is not root, can only listen from port 1024 on"],
  ],
  [
    'nodes of a given cluster',
    { underlay: { type: 'kubeconfig', nodes: 3 } },
    ['spec.underlay.nodes: there is no "nodes" here'],
  ],
  [
    'a unit longer than the whole',
    { timeouts: { unit: '2h' } },
    ['spec.timeouts.unit: one object may not take longer (7200s) than the whole run (3600s)'],
  ],
  [
    'a database twice',
    { services: { mariadb: { replicas: 2 } } },
    ['spec.services.mariadb.replicas: mariadb can only run once in this version'],
  ],
  [
    'replicas of an agent',
    nova({ components: { compute: { replicas: 2 } } }),
    [
      'spec.services.nova.components.compute.replicas: nova/compute runs once on every node of its role; it has no replicas',
    ],
  ],
  [
    'a request above the limit',
    nova({ resources: { requests: { memory: '1Gi' }, limits: { memory: '900M' } } }),
    ['spec.services.nova.resources.requests.memory: the request 1Gi is above the limit 900M'],
  ],
  [
    'a service of later',
    { services: { manila: {} } },
    ['spec.services.manila: manila is planned, and not in this version'],
  ],
  [
    'an unknown file',
    nova({ config: { 'nova.cfg': { DEFAULT: { debug: true } } } }),
    ['spec.services.nova.config.\'nova.cfg\': there is no file "nova.cfg" here'],
  ],
  [
    'no file to change',
    { services: { mariadb: { config: { 'my.cnf': { a: { b: 1 } } } } } },
    ["spec.services.mariadb.config.'my.cnf': no configuration file of this service can be changed"],
  ],
  [
    'an unknown option for a role',
    { nodeRoles: { compute: { config: { nova: { 'nova.conf': { DEFAULT: { debgu: true } } } } } } },
    ['spec.nodeRoles.compute.config.nova.\'nova.conf\'.DEFAULT.debgu: [DEFAULT] has no option "debgu"'],
  ],
  [
    'settings of a node that is not there',
    { nodes: { 'cloud-2': {} } },
    ['spec.nodes.cloud-2: the underlay has no node "cloud-2"'],
  ],
  [
    'settings of a node that is there on some machines',
    { nodes: { 'cloud-lxc-1': {} } },
    [
      'spec.nodes.cloud-lxc-1: whether there is a node "cloud-lxc-1" depends on the machine: ask for it by spec.underlay.lxcNodes: 1',
    ],
  ],
  [
    'settings of a node that is not wanted',
    { underlay: { lxcNodes: 0 }, nodes: { 'cloud-lxc-1': {} } },
    ['spec.nodes.cloud-lxc-1: the underlay has no node "cloud-lxc-1"'],
  ],
  [
    'settings of one node for an unknown service',
    oneNode({ nvoa: {} }),
    ['spec.nodes.cloud-1.config.nvoa: there is no service "nvoa"'],
  ],
  [
    'settings of one node for an unknown file',
    oneNode({ nova: { 'nova.cfg': { DEFAULT: { debug: true } } } }),
    ['spec.nodes.cloud-1.config.nova.\'nova.cfg\': there is no file "nova.cfg" here'],
  ],
  [
    'settings of one node for an unknown option',
    oneNode({ nova: { 'nova.conf': { DEFAULT: { debgu: true } } } }),
    ['spec.nodes.cloud-1.config.nova.\'nova.conf\'.DEFAULT.debgu: [DEFAULT] has no option "debgu"'],
  ],
  [
    'settings of one node for a service that runs anywhere',
    oneNode({ keystone: { 'keystone.conf': { DEFAULT: { debug: true } } } }),
    [`spec.nodes.cloud-1.config.keystone: no component of keystone can differ from node to node; ${perNode}`],
  ],
  [
    'settings of one node for a service without a file to change',
    oneNode({ ovn: {} }),
    [`spec.nodes.cloud-1.config.ovn: no component of ovn can differ from node to node; ${perNode}`],
  ],
  [
    'settings of one node for a file of the API',
    oneNode({ neutron: { 'ml2_conf.ini': { ml2: { path_mtu: 1400 } } } }),
    [`spec.nodes.cloud-1.config.neutron.'ml2_conf.ini': what reads ml2_conf.ini does not run once a node; ${perNode}`],
  ],
  [
    'a service left out that others need',
    { services: { mariadb: { enabled: false } } },
    ['spec.services.mariadb.enabled: mariadb cannot be left out: keystone, nova need it'],
  ],
  [
    'services left out, one of which another needs',
    { services: { mariadb: { enabled: false }, keystone: { enabled: false } } },
    [
      'spec.services.mariadb.enabled: mariadb cannot be left out: nova needs it',
      'spec.services.keystone.enabled: keystone cannot be left out: nova needs it',
    ],
  ],
])('%s', (_case, spec, expected) => {
  expect(found(spec)).toEqual(expected)
  expect(load(spec).ok).toBe(false)
})

test('the nodes that a document may name are those that the underlay makes', () => {
  const made = layoutOf('team', '/state', { nodes: 3, lxcNodes: 2 }).nodes.map(({ name }) => name)
  expect(embeddedNodes('team', 3, 2)).toEqual(made)
})

test('a node may be wrong without a word when its cloud has a wrong name', () => {
  const text = stringify({
    apiVersion: 'croque.dev/v1alpha1',
    kind: 'Cloud',
    metadata: { name: 'A b' },
    spec: { nodes: { 'a-1': {} } },
  })
  const result = loadCloud(text, { file: 'cloud.yaml', knownServices })
  expect(result.ok ? [] : result.diagnostics.map(({ path }) => path)).toEqual(['metadata.name'])
})

test('high availability is told what it lacks, and let pass', () => {
  expect(found({ size: 'ha' })).toEqual([
    'spec.size: not everything survives the loss of a node in this version: mariadb/server run once',
  ])
  expect(load({ size: 'ha' }).ok).toBe(true)
})

test('nothing is said about a default that stands for a refused value', () => {
  expect(found(provider({ cidr: 'wrong', gateway: '10.0.0.1' }))).toEqual([
    `${networkPath}.cidr: must be an IPv4 network, such as 172.24.4.0/24, with no host bits set, not "wrong"`,
  ])
})

test('a small provider network is given away whole, but for its gateway', () => {
  const result = load(provider({ cidr: '192.168.1.0/28', gateway: '192.168.1.14' }))
  expect(result).toMatchObject({
    ok: true,
    cloud: { spec: { networks: { provider: { floatingRange: { start: '192.168.1.1', end: '192.168.1.13' } } } } },
  })
})

const secret = (found: unknown) => JSON.stringify(found).includes('a secret may not stand in the document')

test.each([
  ['password', { a: { password: 'x' } }],
  ['memcache_secret_key', { a: { memcache_secret_key: 'x' } }],
  ['adminPassword', { a: { adminPassword: 'x' } }],
  ['a token that is a number', { a: { token: 12345 } }],
  ['a URL with a password', { DEFAULT: { transport_url: 'rabbit://a:b@c/d' } }],
  ['a private key', { a: { file: '-----BEGIN EC PRIVATE KEY-----\nMHc\n' } }],
  ['a list of passwords', { a: { password: ['x'] } }],
])('%s in an option is refused', (_case, sections) => {
  const config = { 'keystone.conf': sections }
  expect(secret(found({ services: { keystone: { config } } }))).toBe(true)
})

test.each([
  ['the largest MTU that fits', { networks: { project: { mtu: 1442 } } }],
  ['a certificate in a Secret', { endpoints: { tls: { source: 'secret', secretRef: { name: 'mine' } } } }],
  ['a service that nothing needs left out', nova({ enabled: false })],
  [
    'services left out with all that need them',
    { services: { mariadb: { enabled: false }, keystone: { enabled: false }, nova: { enabled: false } } },
  ],
  ['a registry to push to', { images: { registry: 'localhost:5000' } }],
  ['a registry to pull from', { images: { source: 'registry', registry: 'r.example.org/team/cloud_1' } }],
  ['a limit for the whole run', { timeouts: { total: '2h', unit: '90m' } }],
])('%s is fine', (_case, spec) => {
  expect(found(spec)).toEqual([])
})

test('a role and a node may take a value from a Secret', () => {
  const config = { nova: { 'nova.conf': { DEFAULT: { transport_url: { secretRef: { name: 'a', key: 'b' } } } } } }
  expect(found({ nodeRoles: { compute: { config } }, nodes: { 'cloud-1': { config } } })).toEqual([])
})

test.each([
  ['a reference', { a: { password: { secretRef: { name: 'x', key: 'y' } } } }],
  ['a flag', { a: { allow_expired_token: true } }],
  ['taking a password out', { a: { password: null } }],
  ['the life of a token', { token: { expiration: 3600, token_expiration: 1 } }],
  ['a URL without a password', { a: { url: 'http://user@host:80/' } }],
])('%s in an option is fine', (_case, sections) => {
  const config = { 'keystone.conf': sections }
  expect(found({ services: { keystone: { config } } })).toEqual([])
})
