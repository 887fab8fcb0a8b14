/** The fields of a cluster template on the wire, and of a baymodel, what it was called below 1.11. */
import { ApiError } from '../route.ts'
import {
  boolean,
  dnsServers,
  type FieldTable,
  field,
  integer,
  labels,
  links,
  moment,
  oneOf,
  plainText,
  text,
  uuid,
} from '../wire/index.ts'

const engines = oneOf('kubernetes', 'swarm-mode')
const mesos = 'Mesos and DC/OS are dead upstream and gone from Magnum'
/** What Magnum made clusters of once. */
const former = new Map([
  ['mesos', mesos],
  ['dcos', mesos],
  ['swarm', 'standalone Swarm is gone from Docker and from Magnum'],
])

/** Clients show the first sentence alone. */
const engine: typeof engines = {
  ...engines,
  check: (value) => {
    const why = typeof value === 'string' ? former.get(value) : undefined
    if (why === undefined) return engines.check(value)
    throw new ApiError(400, `coe ${String(value)} is not served, for ${why}; use kubernetes.`)
  },
}

const short255 = text({ min: 1, max: 255 })
const readOnly = { readOnly: true } as const

export const templateFields = {
  uuid: field(uuid()),
  name: field(short255),
  coe: field(engine),
  image_id: field(short255, { mandatory: true }),
  flavor_id: field(short255),
  master_flavor_id: field(short255),
  dns_nameserver: field(dnsServers()),
  keypair_id: field(short255, { default: null }),
  external_network_id: field(short255),
  fixed_network: field(short255),
  fixed_subnet: field(short255),
  network_driver: field(short255),
  apiserver_port: field(integer({ min: 1024, max: 65_535 })),
  docker_volume_size: field(integer({ min: 1 })),
  cluster_distro: field(short255),
  links: field(links(), readOnly),
  http_proxy: field(short255),
  https_proxy: field(short255),
  no_proxy: field(short255),
  volume_driver: field(short255),
  registry_enabled: field(boolean(), { default: false }),
  labels: field(labels({ bounded: true })),
  tls_disabled: field(boolean(), { default: false }),
  public: field(boolean(), { default: false }),
  server_type: field<'vm' | 'bm'>(oneOf('vm', 'bm'), { default: 'vm' }),
  insecure_registry: field(short255),
  docker_storage_driver: field(short255),
  master_lb_enabled: field(boolean(), { default: false }),
  floating_ip_enabled: field(boolean(), { default: true }),
  project_id: field(plainText(), readOnly),
  user_id: field(plainText(), readOnly),
  hidden: field(boolean(), { default: false }),
  tags: field(text({ min: 0, max: 255 })),
  driver: field(text({ min: 0, max: 255 })),
  created_at: field(moment(), readOnly),
  updated_at: field(moment(), readOnly),
} as const satisfies FieldTable

const { project_id: _p, user_id: _u, hidden: _h, tags: _t, driver: _d, ...common } = templateFields

const baymodelFields = {
  ...common,
  keypair_id: field(short255, { mandatory: true }),
  // A single one, without a comma.
  dns_nameserver: field(dnsServers({ several: false })),
  docker_storage_driver: field(oneOf<string>('devicemapper', 'overlay')),
} as const satisfies FieldTable

/** What the name of a resource changes. */
export interface TemplateKind {
  readonly resource: 'clustertemplates' | 'baymodels'
  /** In Magnum's messages about a body. */
  readonly argument: 'cluster_template' | 'baymodel'
  /** Parameter of its paths. */
  readonly parameter: 'template' | 'baymodel'
  readonly table: FieldTable
  readonly suffix: 'template' | 'model'
}

export const templateKind: TemplateKind = {
  resource: 'clustertemplates',
  argument: 'cluster_template',
  parameter: 'template',
  table: templateFields,
  suffix: 'template',
}

export const baymodelKind: TemplateKind = {
  resource: 'baymodels',
  argument: 'baymodel',
  parameter: 'baymodel',
  table: baymodelFields,
  suffix: 'model',
}
