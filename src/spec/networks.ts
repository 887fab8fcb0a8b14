/** Networks, endpoints and first content of the cloud. */
import { z } from 'zod'
import { cidr, hostName, ipv4, mtu, objectName, port } from './scalars.ts'

const provider = z.strictObject({
  physicalNetwork: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/i, 'letters, digits, "_" and "-", at most 64')
    .default('physnet1')
    .describe('Name of the physical network in Neutron.'),
  bridge: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,14}$/i, 'name of a network interface, at most 15 characters')
    .default('br-ex')
    .describe('Open vSwitch bridge that leads out of the cloud.'),
  cidr: cidr.default('172.24.4.0/24').describe('Subnet of the provider network; floating IPs are taken from it.'),
  gateway: ipv4.optional().describe('Gateway of the provider subnet; the default is the first address of cidr.'),
  floatingRange: z
    .strictObject({ start: ipv4.describe('First address.'), end: ipv4.describe('Last address.') })
    .optional()
    .describe(
      'Addresses that Neutron may give out; the default is cidr without its first ten and last five addresses.',
    ),
  mtu: mtu.default(1500).describe('MTU of the provider network in bytes.'),
})

const projectTypes = ['geneve'] as const

const project = z.strictObject({
  types: z
    .array(z.enum(projectTypes))
    .min(1, 'at least one type')
    .default(['geneve'])
    .describe('Types of project (tenant) networks, in the order of preference.'),
  mtu: z
    .union([z.literal('auto'), mtu], '"auto" or a number of bytes from 1280 to 9216')
    .default('auto')
    .describe(
      'MTU of project networks in bytes, for those made from then on; auto: the smaller one of underlay and provider network, less the overhead of the tunnel.',
    ),
})

const dns = z.strictObject({
  domain: hostName.default('openstack.internal').describe('Domain of the names that Neutron gives to ports.'),
  servers: z
    .array(ipv4)
    .optional()
    .describe(
      'Name servers given to guests; the default is the gateway of the provider network, where the name of the public APIs is known and no other, and on a cluster of somebody else none.',
    ),
})

export const networks = z.strictObject({
  provider: provider.prefault({}).describe('The network that leads out of the cloud.'),
  project: project.prefault({}).describe('Networks that projects make for themselves.'),
  dns: dns.prefault({}).describe('Names inside the cloud.'),
})

const tls = z.strictObject({
  source: z
    .enum(['generated', 'secret'])
    .default('generated')
    .describe('generated: by a CA made once for this cloud; secret: taken from secretRef.'),
  secretRef: z
    .strictObject({
      name: objectName.describe(
        'Name of a Secret of type kubernetes.io/tls, in the namespace of the cloud; ca.crt in it, if there, is what clients are to trust.',
      ),
    })
    .optional()
    .describe('Where the certificate and key stand; for source: secret only.'),
})

export const exposures = ['embedded', 'LoadBalancer', 'NodePort', 'HostNetwork', 'Gateway'] as const

const gateway = z.strictObject({
  name: objectName.describe('Name of the Gateway.'),
  namespace: objectName.optional().describe('Its namespace; the default is that of the cloud.'),
  listener: objectName.optional().describe('Name of its listener (protocol TLS, mode Passthrough).'),
})

export const endpoints = z.strictObject({
  host: hostName.optional().describe('Host name of every public API; the default is <metadata.name>.croque.local.'),
  port: port.default(8443).describe('TCP port of every public API.'),
  exposure: z
    .enum(exposures)
    .optional()
    .describe(
      'How the public APIs are reached. embedded: by a listener on this machine; LoadBalancer, NodePort: by such a Service; HostNetwork: at the control nodes themselves; Gateway: by a Gateway that is there (TLSRoute). The default is embedded, on a cluster of somebody else NodePort.',
    ),
  gateway: gateway.optional().describe('The Gateway that the route hangs on; for exposure: Gateway only.'),
  annotations: z
    .record(z.string(), z.string())
    .default({})
    .describe('Annotations of the Service of the public APIs, for what gives it an address.'),
  tls: tls.prefault({}).describe('Certificate of the public APIs.'),
})

const flavor = z.strictObject({
  vcpus: z
    .int('a whole number')
    .min(1, 'at least 1')
    .max(256, 'at most 256')
    .default(1)
    .describe('Virtual processors.'),
  memory: z.int('a whole number of MiB').min(32, 'at least 32').default(256).describe('Memory in MiB.'),
  disk: z.int('a whole number of GiB').min(0, 'at least 0').default(1).describe('Root disk in GiB.'),
})

export const content = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether up makes flavors, a test image, networks, a router and quotas.'),
  flavors: z
    .record(z.string().regex(/^[\w.-]{1,255}$/, 'letters, digits, ".", "_" and "-"'), flavor)
    .prefault({
      'm1.nano': { vcpus: 1, memory: 128, disk: 1 },
      'm1.tiny': { vcpus: 1, memory: 512, disk: 1 },
      'm1.small': { vcpus: 1, memory: 2048, disk: 20 },
    })
    .describe('Flavors by name.'),
  network: z
    .strictObject({ cidr: cidr.default('10.20.0.0/24').describe('Subnet of the first project network.') })
    .prefault({})
    .describe('The first project network, routed to the provider network.'),
})
