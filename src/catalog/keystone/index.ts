import {
  type BuildContext,
  component,
  configDir,
  type Declarations,
  type EnvValue,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
  task,
  type VolumeSpec,
  type Work,
} from '../model.ts'
import { apiNeeds, databaseEnv, internalUrl, pythonEnv, schemaTask, uwsgiApi, venvBin } from '../oslo.ts'
import { text } from '../text.ts'
import { caFile, withTls } from '../tls.ts'
import { images } from './images.ts'
import { verifySteps } from './verify.ts'

const fernetSecret = 'keystone-fernet-keys'
const credentialSecret = 'keystone-credential-keys'

/** Tokens live an hour and are accepted for two days more by long operations; keys turn over daily. */
const tokenSeconds = 3600
const allowExpiredSeconds = 172_800
const rotationSeconds = 86_400
const maxActiveKeys = Math.ceil((tokenSeconds + allowExpiredSeconds) / rotationSeconds) + 2

const keystoneConf = {
  token: { provider: 'fernet', expiration: tokenSeconds, allow_expired_window: allowExpiredSeconds },
  fernet_tokens: { max_active_keys: maxActiveKeys },
  database: { max_pool_size: 5 },
  cache: { enabled: true, backend: 'dogpile.cache.pymemcache', memcache_servers: 'memcached-server:11211' },
  oslo_middleware: { enable_proxy_headers_parsing: true },
  oslo_policy: { enforce_new_defaults: true },
}

const keyVolumes: readonly VolumeSpec[] = [
  { kind: 'secret', name: 'fernet-keys', secret: fernetSecret, mountPath: '/etc/keystone/fernet-keys', mode: 0o440 },
  {
    kind: 'secret',
    name: 'credential-keys',
    secret: credentialSecret,
    mountPath: '/etc/keystone/credential-keys',
    mode: 0o440,
  },
]

const adminPassword = { secret: secretName('keystone'), key: 'admin-password' } as const
const passwordVariable = (user: string): string => `PASSWORD_${user.toUpperCase()}`

function identityJson(context: BuildContext): { json: string; env: Record<string, EnvValue> } {
  const wanted = context.declared.map(({ service, declarations }) => ({ service, ...declarations.identity }))
  const users = wanted.flatMap(({ service, users }) => (users ?? []).map((user) => ({ service, ...user })))
  const domains = wanted.flatMap(({ service, domains }) => (domains ?? []).map((domain) => ({ service, ...domain })))
  const json = {
    region: context.region,
    roles: [...new Set(['service', ...wanted.flatMap(({ roles }) => roles ?? [])])],
    users: users.map(({ name, roles }) => ({ name, roles, passwordVariable: passwordVariable(name) })),
    domains: domains.map(({ name, admin }) => ({ name, admin, passwordVariable: passwordVariable(admin) })),
    endpoints: wanted
      .flatMap(({ endpoints }) => endpoints ?? [])
      .map(({ service, type, internalUrl: internal, publicPath }) => ({
        service,
        type,
        internal,
        public: `${context.publicUrl}${publicPath}`,
      })),
  }
  const env = Object.fromEntries(
    [...users, ...domains.map(({ admin, ...domain }) => ({ ...domain, name: admin }))].map(
      ({ service, name, passwordKey }) => [passwordVariable(name), { secret: secretName(service), key: passwordKey }],
    ),
  )
  return { json: `${JSON.stringify(json, undefined, 2)}\n`, env }
}

function build(context: BuildContext): ServiceParts {
  const { json, env } = identityJson(context)
  const base = {
    image: 'openstack',
    user: 'keystone',
    placement: ['control'],
    files: { '/etc/keystone/keystone.conf': { ini: keystoneConf } },
    env: { ...pythonEnv, ...databaseEnv(context, 'keystone') },
    volumes: keyVolumes,
    resources: { cpu: '50m', memory: '128Mi' },
  } as const satisfies Partial<Work>
  const url = `${internalUrl(context, 'keystone-api', 5000)}/v3`
  return {
    components: [
      {
        ...base,
        name: 'api',
        kind: 'deployment',
        summary: 'the identity API',
        replicas: context.replicas('keystone', 'api'),
        ...uwsgiApi(context, base.files, {
          module: 'keystone.wsgi.api',
          port: 5000,
          workers: context.workers,
          threads: 4,
        }),
        needs: [...apiNeeds, task('keystone/db-sync')],
        resources: { cpu: '100m', memory: '200Mi' },
        probes: { ready: { http: '/v3', port: 5000 } },
      },
    ],
    tasks: [
      schemaTask(base, 'the schema of the identity database', [`${venvBin}/keystone-manage`, 'db_sync']),
      {
        ...base,
        name: 'bootstrap',
        summary: 'the administrator, the first roles and the identity endpoints',
        command: [
          ...[
            `${venvBin}/keystone-manage`,
            'bootstrap',
            '--bootstrap-username',
            'admin',
            '--bootstrap-project-name',
            'admin',
            '--bootstrap-role-name',
            'admin',
          ],
          ...['--bootstrap-service-name', 'keystone', '--bootstrap-region-id', context.region],
          ...['--bootstrap-internal-url', url, '--bootstrap-public-url', `${context.publicUrl}/identity/v3`],
        ],
        env: { ...base.env, OS_BOOTSTRAP_PASSWORD: adminPassword },
        needs: [task('keystone/db-sync'), component('memcached/server')],
      },
      {
        name: 'identity',
        summary: 'users, roles and endpoints of the services',
        image: 'openstack',
        command: ['python3', `${configDir}/identity.py`, `${configDir}/identity.json`],
        user: 'keystone',
        placement: ['control'],
        files: {
          [`${configDir}/identity.py`]: { text: text(import.meta.url, './identity.py') },
          [`${configDir}/identity.json`]: { text: json },
        },
        env: {
          KEYSTONE_URL: internalUrl(context, 'keystone-api', 5000),
          ...withTls(context, { SSL_CERT_FILE: caFile }),
          ADMIN_PASSWORD: adminPassword,
          ...env,
        },
        needs: [task('keystone/bootstrap'), component('keystone/api')],
        resources: { cpu: '50m', memory: '64Mi' },
      },
      ...[fernetSecret, credentialSecret].map((name) => rotation(name)),
    ],
    verify: verifySteps(),
  }
}

/** Credential keys encrypt stored secrets, so a retired one is kept long: `credential_migrate` comes with upgrades. */
const rotation = (name: string) =>
  ({
    name: name === fernetSecret ? 'fernet-rotate' : 'credential-rotate',
    summary: `a new key in ${name}`,
    image: 'base',
    command: ['python3', `${configDir}/rotate.py`],
    user: 'keystone',
    placement: ['control'],
    schedule: name === fernetSecret ? '17 3 * * *' : '47 3 1 * *',
    files: { [`${configDir}/rotate.py`]: { text: text(import.meta.url, './rotate.py') } },
    env: {
      SECRET_NAME: name,
      MAX_ACTIVE_KEYS: String(name === fernetSecret ? maxActiveKeys : 100),
      POD_NAMESPACE: { field: 'metadata.namespace' },
    },
    rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [name], verbs: ['get', 'update'] }],
    needs: [],
    resources: { cpu: '10m', memory: '32Mi' },
  }) as const

function declares(): Declarations {
  const keys = { keys: { '0': { kind: 'fernet-key' }, '1': { kind: 'fernet-key' } }, once: true } as const
  return {
    databases: [{ name: 'keystone', user: 'keystone', passwordKey: 'database-password' }],
    routes: [{ name: 'keystone', prefix: '/identity', component: 'keystone/api', port: 5000 }],
    secrets: {
      [secretName('keystone')]: {
        keys: {
          'database-password': { kind: 'password', length: 32 },
          'admin-password': { kind: 'password', length: 32 },
        },
      },
      [fernetSecret]: keys,
      [credentialSecret]: keys,
    },
  }
}

export const keystone: ServiceDefinition = {
  name: 'keystone',
  summary: 'Keystone, the identity service',
  optionLists: { 'keystone.conf': 'keystone' },
  images,
  declares,
  build,
}
