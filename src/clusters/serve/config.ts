/**
 * The configuration of the service: sections of options, as YAML. Names are those of `magnum.conf` where they mean the same. An
 * option is also read from the environment, before the file, as oslo.config does: `OS_<SECTION>__<OPTION>`; passwords come so.
 * One schema gives the check, the type, the defaults and the reference page.
 */
import { parse, YAMLParseError } from 'yaml'
import { z } from 'zod'
import { CroqueError, nearest } from '../../errors/index.ts'

const file = z.string().min(1)
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))

const api = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen at.'),
  port: z.int().min(0).max(65_535).default(9511).describe('Port to listen at; 0 takes a free one.'),
  public_url: url.optional().describe('What links begin with; default http:// and the Host of the request.'),
  tls_cert_file: file.optional().describe('Certificate to serve TLS with; read again when it changes.'),
  tls_key_file: file.optional().describe('Its key.'),
  max_limit: z.int().min(1).default(1000).describe('Most objects in one answer, and how many without `limit`.'),
  max_request_body_size: z.int().min(1024).default(262_144).describe('Bytes that a request may have.'),
  requests_per_second: z
    .number()
    .positive()
    .optional()
    .describe('How many requests a user may send in a project, on the average; default any number.'),
  request_burst: z.int().min(1).default(100).describe('How many at once after a pause, where they are limited.'),
  shutdown_seconds: z.int().min(0).default(20).describe('How long requests under way may take to end when it stops.'),
})

const metrics = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen at.'),
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(9512)
    .describe('Port of /metrics, /openapi.json, /livez and /readyz; 0 takes a free one.'),
})

const keystone_authtoken = z.strictObject({
  auth_url: url.default('http://127.0.0.1:5000').describe('Keystone, with or without /v3.'),
  www_authenticate_uri: url.optional().describe('Keystone as callers reach it, told with a 401; default auth_url.'),
  username: z.string().min(1).default('magnum').describe('Who the service is.'),
  password: z.string().min(1).optional().describe('Its password.'),
  user_domain_name: z.string().default('Default').describe('Domain of the user.'),
  project_name: z.string().default('service').describe('Project that it works in.'),
  project_domain_name: z.string().default('Default').describe('Domain of the project.'),
  region_name: z.string().optional().describe('Region whose endpoints are used; default any.'),
  interface: z
    .enum(['internal', 'public', 'admin'])
    .default('internal')
    .describe('Which endpoints of other services are used.'),
  cafile: file.optional().describe('CA behind the certificates of the APIs; default those that the system trusts.'),
  token_cache_time: z.int().min(0).default(300).describe('Seconds for which an answer about a token is kept.'),
  service_token_roles: z
    .array(z.string())
    .default(['service'])
    .describe('Roles of which a service token must have one.'),
  service_token_roles_required: z.boolean().default(true).describe('Whether a service token without them counts not.'),
})

const oslo_policy = z.strictObject({
  policy_file: file.optional().describe('Rules over the defaults, in the language of oslo.policy (YAML or JSON).'),
  enforce_scope: z.boolean().default(true).describe('Whether a token of the wrong scope is refused.'),
  enforce_new_defaults: z
    .boolean()
    .default(true)
    .describe("Whether only today's default rules let pass, not also those that were deprecated."),
})

const kubernetes = z.strictObject({
  namespace: z.string().default('openstack').describe('Where its objects are.'),
})

const quotas = z.strictObject({
  max_clusters_per_project: z
    .int()
    .min(-1)
    .default(20)
    .describe('Clusters that a project may have which has no quota of its own; -1 any number.'),
})

const cinder = z.strictObject({
  default_boot_volume_size: z
    .int()
    .min(0)
    .default(0)
    .describe('GB of the volume that a node boots from, where no label says so.'),
})

/** The defaults are those of `clusters/certificates`, whose library nobody has to load for them; a test keeps them so. */
const certificates = z.strictObject({
  ca_days: z.int().min(1).default(1825).describe('How long the authorities of a cluster live.'),
  certificate_hours: z
    .int()
    .min(1)
    .default(8760)
    .describe('How long a certificate lives that is signed for somebody; it ends with its authority at the latest.'),
  skew_hours: z
    .int()
    .min(0)
    .default(24)
    .describe('How long before the present it is valid from: clocks of nodes may be wrong.'),
})

const drivers = z.strictObject({
  enabled: z.array(z.string()).default([]).describe('Names of the drivers; a cluster that none serves is refused.'),
  imaginary: z
    .boolean()
    .default(false)
    .describe('Whether a driver may be among them that only pretends to make clusters: for tests.'),
  openstack_ca_file: file
    .optional()
    .describe('Authorities that nodes trust beside those of their image: registries, proxies, the cloud.'),
})

const trust = z.strictObject({
  trustee_domain_name: z.string().default('magnum').describe('Domain of the users that clusters have.'),
  trustee_domain_admin_name: z
    .string()
    .default('magnum_domain_admin')
    .describe('Who makes them and gives them their role in the projects of their clusters.'),
  trustee_domain_admin_password: z.string().min(1).optional().describe('Its password.'),
  roles: z.string().default('member').describe('What the user of a cluster is in its project.'),
})

const nodes = z.strictObject({
  api_url: url.optional().describe('This service as nodes of clusters reach it; default api.public_url.'),
  api_address: z
    .string()
    .optional()
    .describe(
      'Address of its host name for nodes, written into their /etc/hosts; default what their name servers say.',
    ),
  cafile: file
    .optional()
    .describe(
      "CA behind its certificate and those of the cloud's public APIs, for nodes; default those that their system trusts.",
    ),
})

const conductor = z.strictObject({
  workers: z.int().min(0).default(32).describe('Clusters worked on at once; 0: this replica serves the API only.'),
  creates_at_once: z
    .int()
    .min(1)
    .optional()
    .describe('Clusters made at once, while others wait for their turn; default any number.'),
  lease_name: z.string().default('magnum-conductor').describe('Lease by which one replica is chosen to work.'),
})

const notifications = z.strictObject({
  driver: z
    .enum(['noop', 'messagingv2'])
    .default('noop')
    .describe('Whether notifications are sent, and how: as `driver` of `[oslo_messaging_notifications]`.'),
  hosts: z.array(z.string()).default([]).describe('Brokers of the message bus, HOST:PORT.'),
  username: z.string().default('magnum').describe('User there.'),
  password: z.string().optional().describe('Its password.'),
  vhost: z.string().default('/').describe('Virtual host.'),
  exchange: z.string().default('magnum').describe('Exchange that they go to.'),
  quorum: z.boolean().default(true).describe('Whether the queues are quorum queues, as their readers declare them.'),
  cafile: file.optional().describe("CA behind the brokers' certificates; without it there is no TLS."),
})

const schema = z.strictObject({
  api: api.prefault({}),
  keystone_authtoken: keystone_authtoken.prefault({}),
  metrics: metrics.prefault({}),
  oslo_policy: oslo_policy.prefault({}),
  kubernetes: kubernetes.prefault({}),
  quotas: quotas.prefault({}),
  cinder: cinder.prefault({}),
  certificates: certificates.prefault({}),
  drivers: drivers.prefault({}),
  trust: trust.prefault({}),
  nodes: nodes.prefault({}),
  conductor: conductor.prefault({}),
  notifications: notifications.prefault({}),
})

export type ServiceConfig = Readonly<z.output<typeof schema>>

/** Section -> options, for whoever checks a document or writes a page. */
export const configSections = (): Readonly<Record<string, readonly ConfigOption[]>> =>
  Object.fromEntries(Object.entries(schema.shape).map(([name, section]) => [name, optionsOf(section.unwrap().shape)]))

export interface ConfigOption {
  readonly name: string
  readonly description: string
  /** JSON of the default; absent where there is none. */
  readonly default?: string
}

const optionsOf = (shape: Readonly<Record<string, z.ZodType>>): readonly ConfigOption[] =>
  Object.entries(shape).map(([name, type]) => {
    const fallback = type.safeParse(undefined)
    const value = fallback.success ? JSON.stringify(fallback.data) : undefined
    return { name, description: type.description ?? '', ...(value === undefined ? {} : { default: value }) }
  })

type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * The configuration of a text (none is an empty one) under an environment.
 * @throws {CroqueError} `config-invalid` with every problem and its place.
 */
export function loadConfig(text: string, env: Readonly<Record<string, string>>): ServiceConfig {
  const given = sectionsOf(text)
  const result = schema.safeParse(withEnvironment(given, env))
  if (!result.success) throw invalid(result.error.issues.map(problem))
  const { tls_cert_file: certificate, tls_key_file: key } = result.data.api
  if ((certificate === undefined) !== (key === undefined))
    throw invalid(['api: tls_cert_file and tls_key_file go together'])
  const { driver, hosts } = result.data.notifications
  if (driver !== 'noop' && hosts.length === 0) throw invalid(['notifications: a driver needs hosts'])
  return result.data
}

function sectionsOf(text: string): Values {
  try {
    const value: unknown = parse(text) ?? {}
    if (typeof value === 'object' && !Array.isArray(value)) return value as Values
    throw invalid(['it is no mapping of sections'])
  } catch (error) {
    if (error instanceof YAMLParseError) throw invalid([error.message])
    throw error
  }
}

/** A text of the environment becomes what the option takes: itself, or what YAML makes of it. */
function withEnvironment(given: Values, env: Readonly<Record<string, string>>): Values {
  const said = Object.entries(schema.shape).map(([name, section]) => {
    const options = Object.entries(section.unwrap().shape).flatMap(([option, type]) => {
      const raw = env[`OS_${name}__${option}`.toUpperCase()]
      if (raw === undefined) return []
      return [[option, (type as z.ZodType).safeParse(raw).success ? raw : (parse(raw) as unknown)] as const]
    })
    return [name, Object.fromEntries(options)] as const
  })
  const own = said.filter(([, options]) => Object.keys(options).length > 0)
  return { ...given, ...Object.fromEntries(own.map(([name, options]) => [name, { ...given[name], ...options }])) }
}

type Issue = z.core.$ZodIssue

function problem(issue: Issue): string {
  const place = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return `${place.join('.') || 'the file'}: ${issue.message}`
  const [section] = place
  const known =
    section === undefined ? Object.keys(schema.shape) : (configSections()[section] ?? []).map(({ name }) => name)
  return issue.keys
    .map((key) => {
      const near = nearest(key, known)
      return `${[...place, key].join('.')}: there is no such ${section === undefined ? 'section' : 'option'}${near === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${near}?`}`
    })
    .join('\n')
}

const invalid = (problems: readonly string[]): CroqueError =>
  new CroqueError('config-invalid', {
    what: 'The configuration of the clusters API has errors',
    why: problems.join('\n'),
  })
