/**
 * Sections that OpenStack services share. Passwords never stand in a file: oslo.config reads `OS_<GROUP>__<OPTION>` from the
 * environment before any file (https://docs.openstack.org/oslo.config/latest/reference/drivers.html), and Kubernetes fills that from Secrets.
 */
import {
  type CatalogContext,
  type Component,
  component,
  configDir,
  type EnvValue,
  type Ini,
  type Need,
  type Probes,
  secretName,
  type Task,
  task,
  type Work,
} from './model.ts'
import { caFile, certFile, keyFile, withTls } from './tls.ts'

/** Where Python programs of the OpenStack images live; the same in Kolla's. */
const venv = '/var/lib/openstack'
export const venvBin = `${venv}/bin`

/** URL of a component's Service, for other Pods of the namespace. */
export const internalUrl = (context: CatalogContext, name: string, port: number, path = ''): string =>
  `http${context.internalTls ? 's' : ''}://${name}.${context.namespace}.svc:${port}${path}`

const keystoneUrl = (context: CatalogContext): string => internalUrl(context, 'keystone-api', 5000)

/** Whom a session of keystoneauth believes. */
const trust = (context: CatalogContext) => withTls(context, { cafile: caFile })

/** A login as the Keystone user `user`, whose password comes by {@link passwordEnv}, over a connection that others make. */
export const credentialSection = (context: CatalogContext, user: string) => ({
  auth_type: 'password',
  auth_url: keystoneUrl(context),
  project_domain_name: 'Default',
  user_domain_name: 'Default',
  project_name: 'service',
  username: user,
})

/** How a service logs in as the Keystone user `user`. */
export const loginSection = (context: CatalogContext, user: string) => ({
  ...credentialSection(context, user),
  ...trust(context),
})

/** How a service logs in to another one, whose endpoint is that of this region. */
export const authSection = (context: CatalogContext, user: string) => ({
  ...loginSection(context, user),
  region_name: context.region,
})

/**
 * `[keystone_authtoken]` and what every API has beside it. `type`: of the service in the catalog; without it, keystonemiddleware refuses
 * every application credential that has access rules, and nodes of clusters have such ones.
 */
export const apiSections = (context: CatalogContext, user: string, type: string): Ini => ({
  keystone_authtoken: {
    www_authenticate_uri: `${context.publicUrl}/identity`,
    auth_url: keystoneUrl(context),
    memcached_servers: 'memcached-server:11211',
    auth_type: 'password',
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
    username: user,
    ...trust(context),
    service_token_roles: 'service',
    service_token_roles_required: true,
    service_type: type,
  },
  oslo_middleware: { enable_proxy_headers_parsing: true },
  oslo_policy: { enforce_new_defaults: true },
})

/** Quorum queues survive the loss of a broker; classic mirrored ones are gone since RabbitMQ 4. */
export const messagingSections = (context: CatalogContext): Ini => ({
  oslo_messaging_rabbit: { rabbit_quorum_queue: true, ...withTls(context, { ssl: true, ssl_ca_file: caFile }) },
  oslo_messaging_notifications: { driver: 'noop' },
})

export const queuePort = ({ internalTls }: CatalogContext): number => (internalTls ? 5671 : 5672)

/** Connection of `[section] connection`, with the password from the service's own Secret. */
export const databaseEnv = (
  context: CatalogContext,
  service: string,
  options: { section?: string; database?: string; user?: string } = {},
): Record<string, EnvValue> => {
  const user = options.user ?? service
  return {
    DATABASE_PASSWORD: { secret: secretName(service), key: 'database-password' },
    [`OS_${(options.section ?? 'database').toUpperCase()}__CONNECTION`]: `mysql+pymysql://${user}:$(DATABASE_PASSWORD)@mariadb-server/${options.database ?? service}?charset=utf8${context.internalTls ? `&ssl_ca=${caFile}` : ''}`,
  }
}

export const queueEnv = (context: CatalogContext, service: string): Record<string, EnvValue> => ({
  QUEUE_PASSWORD: { secret: secretName(service), key: 'queue-password' },
  OS_DEFAULT__TRANSPORT_URL: `rabbit://${service}:$(QUEUE_PASSWORD)@rabbitmq-server:${queuePort(context)}/${service}`,
})

/** Gives the password of Keystone user `user` to the named sections. */
export const passwordEnv = (user: string, sections: readonly string[]): Record<string, EnvValue> => {
  const value = { secret: secretName(user), key: 'service-password' }
  return Object.fromEntries(sections.map((section) => [`OS_${section.toUpperCase()}__PASSWORD`, value]))
}

/**
 * Fewer malloc arenas: a third less memory for threaded Python on few cores. Warnings are for the programs' own developers, and text
 * among JSON lines.
 */
export const interpreterEnv: Record<string, EnvValue> = {
  MALLOC_ARENA_MAX: '2',
  PYTHONUNBUFFERED: '1',
  PYTHONWARNINGS: 'ignore',
}

/** Whatever file a program of OpenStack reads, it writes JSON lines with the ids of the request; the document's `config` may say otherwise. */
export const pythonEnv: Record<string, EnvValue> = {
  ...interpreterEnv,
  OS_DEFAULT__USE_STDERR: 'true',
  OS_DEFAULT__USE_JSON: 'true',
}

/**
 * Of each request one JSON line with the names of oslo.log's; the id is the one that came with the request. It goes by a logger of
 * its own: uWSGI's encoder would wrap the program's lines, which are JSON already, together with its own.
 */
const requestLog = `req-logger = stdio
log-format = %(addr) "%(method) %(uri) %(proto)" %(status) %(size) bytes %(msecs) ms %(var.HTTP_X_OPENSTACK_REQUEST_ID)
log-req-encoder = json {"created":\${unix},"levelname":"INFO","name":"uwsgi","message":"\${msg}"}
log-req-encoder = nl
`

type Files = NonNullable<Component['files']>

export interface Uwsgi {
  readonly module: string
  readonly port: number
  readonly workers: number
  readonly threads: number
  /** Further lines of its section. */
  readonly more?: readonly string[]
}

/** The certificate is read at the start; a reload keeps the socket, where requests wait for the new workers. */
const socket = ({ internalTls }: CatalogContext, port: number): string =>
  internalTls
    ? `https-socket = 0.0.0.0:${port},${certFile},${keyFile}\ntouch-reload = ${certFile}`
    : `http-socket = 0.0.0.0:${port}`

/** One API under uWSGI. Kept as text: uWSGI's ini is not oslo's. */
const uwsgiIni = (context: CatalogContext, { module, port, workers, threads, more = [] }: Uwsgi): string => `[uwsgi]
virtualenv = ${venv}
module = ${module}:application
${socket(context, port)}
master = true
lazy-apps = true
enable-threads = true
processes = ${workers}
threads = ${threads}
thunder-lock = true
buffer-size = 65535
listen = 100
die-on-term = true
need-app = true
start-time = %t
add-header = Connection: close
${requestLog}${more.map((line) => `${line}\n`).join('')}`

/** Command, port and files of an API under uWSGI; `files` are its service's own. */
export const uwsgiApi = (context: CatalogContext, files: Files, uwsgi: Uwsgi) => {
  const path = `${configDir}/uwsgi.ini`
  return {
    command: [`${venvBin}/uwsgi`, '--ini', path],
    ports: [{ name: 'http', port: uwsgi.port }],
    files: { ...files, [path]: { text: uwsgiIni(context, uwsgi) } },
  } satisfies Partial<Component>
}

/** An API needs these before it can answer anything. */
export const apiNeeds: readonly Need[] = [component('mariadb/server'), component('memcached/server')]

/** What talks over the message queue needs the broker, and its own user there. */
export const queueNeeds: readonly Need[] = [component('rabbitmq/server'), task('rabbitmq/users')]

/** A program without a port of its own is ready while it is connected to the message queue; it is not ended for the queue's sake. */
export const queueProbes = (context: CatalogContext, program: string) =>
  ({
    ready: { exec: ['healthcheck_port', program, String(queuePort(context))] },
    live: false,
  }) satisfies Probes

/** The task that makes the tables of a service; `base` is what it has in common with the service's programs. */
export const schemaTask = (
  base: Omit<Work, 'command' | 'needs'>,
  summary: string,
  command: readonly string[],
): Task => ({
  ...base,
  name: 'db-sync',
  summary,
  command,
  needs: [task('mariadb/databases')],
})
