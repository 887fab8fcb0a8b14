import { clusterDefinitions, storeRules } from '../../clusters/index.ts'
import { nodeHosts } from '../context.ts'
import { openStackService } from '../declare.ts'
import { caSecret } from '../gateway/index.ts'
import {
  type BuildContext,
  type CatalogContext,
  component,
  type Declarations,
  type Definition,
  type Ini,
  type PolicyRule,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
  type VolumeSpec,
} from '../model.ts'
import { internalUrl, loginSection, passwordEnv, queuePort } from '../oslo.ts'
import { caFile, certFile, keyFile, withTls } from '../tls.ts'
import { contentSteps } from './content.ts'
import { images } from './images.ts'
import { verifySteps } from './verify.ts'

const port = 9511
const metricsPort = 9512
/** Users of clusters live apart from people and services. */
const domain = { name: 'magnum', admin: 'magnum_domain_admin', passwordKey: 'domain-admin-password' }
/** What nodes trust when they come to the public address. */
const publicCa = '/etc/magnum/public/ca.crt'
const publicCaVolume: VolumeSpec = {
  kind: 'secret',
  name: 'public-ca',
  secret: caSecret,
  keys: ['ca.crt'],
  mountPath: '/etc/magnum/public',
  mode: 0o444,
}
const confFile = '/etc/magnum/magnum.yaml'
const program = '/usr/lib/croque/src/cli/serve.ts'
const lease = 'magnum-conductor'
/** By default V8 lets 100 MB more of garbage lie; the launcher of `croque api` has it too. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4']

/** What its driver makes nodes by is there. */
const isDriven = ({ declared }: BuildContext): boolean => declared.some(({ service }) => service === 'heat')

const driverConf = (context: BuildContext): Ini => ({
  drivers: { enabled: ['heat'] },
  trust: { trustee_domain_name: domain.name, trustee_domain_admin_name: domain.admin },
  nodes: {
    ...(hasPublicCa(context) ? { cafile: publicCa } : {}),
    ...(context.exposure.kind === 'externalIps' ? { api_address: context.provider.gateway } : {}),
  },
})

/** Read by `src/clusters/serve/config.ts`. */
const conf = (context: BuildContext): Ini => ({
  api: {
    host: '0.0.0.0',
    port,
    public_url: `${context.publicUrl}/container-infra`,
    ...withTls(context, { tls_cert_file: certFile, tls_key_file: keyFile }),
  },
  // No Service has this port: the kubelet asks it, and who may forward a port.
  metrics: { host: '0.0.0.0', port: metricsPort },
  keystone_authtoken: {
    www_authenticate_uri: `${context.publicUrl}/identity`,
    ...login(context),
    region_name: context.region,
  },
  kubernetes: { namespace: context.namespace },
  ...(isDriven(context) ? driverConf(context) : {}),
  // Container guests are for one small machine, which three new control planes keep busy.
  conductor: { lease_name: lease, ...(context.lxc ? { creates_at_once: 3 } : {}) },
  // Off, as everybody's; the document turns them on: `notifications: {driver: messagingv2}`.
  notifications: {
    driver: 'noop',
    hosts: [`rabbitmq-server:${queuePort(context)}`],
    username: 'magnum',
    vhost: 'magnum',
    ...withTls(context, { cafile: caFile }),
  },
})

/** The public certificate is made here, and nobody else knows its CA. */
const hasPublicCa = ({ declared }: BuildContext): boolean =>
  declared.some(({ declarations }) => declarations.secrets?.[caSecret] !== undefined)

function login(context: CatalogContext) {
  const { auth_type: _, ...section } = loginSection(context, 'magnum')
  return { ...section, auth_url: internalUrl(context, 'keystone-api', 5000) }
}

/** What its program does in the namespace, verb by verb: state, the election of a leader, what it tells of clusters. */
const rules: readonly PolicyRule[] = [
  ...storeRules(),
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'patch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create'] },
]

function build(context: BuildContext): ServiceParts {
  const { whyNoLxc } = context
  // The first template stands on the first content.
  const mayOffer = context.content && isDriven(context)
  const hosts = nodeHosts(context)
  const offered = mayOffer && hosts !== undefined
  return {
    components: [
      {
        name: 'api',
        kind: 'deployment',
        summary: 'the API of clusters, and what works on them',
        image: 'croque',
        user: 'croque',
        placement: ['control'],
        // One may be lost, and no votes are counted.
        replicas: context.replicas('magnum', 'api', 2),
        command: ['node', ...nodeFlags, program, confFile],
        ports: [{ name: 'http', port }],
        files: { [confFile]: { yaml: conf(context) } },
        env: {
          ...passwordEnv('magnum', ['keystone_authtoken']),
          ...(isDriven(context)
            ? { OS_TRUST__TRUSTEE_DOMAIN_ADMIN_PASSWORD: { secret: secretName('magnum'), key: domain.passwordKey } }
            : {}),
          OS_NOTIFICATIONS__PASSWORD: { secret: secretName('magnum'), key: 'queue-password' },
          POD_NAME: { field: 'metadata.name' },
        },
        ...(isDriven(context) && hasPublicCa(context) ? { volumes: [publicCaVolume] } : {}),
        rules,
        needs: [component('keystone/api')],
        resources: { cpu: '20m', memory: '128Mi' },
        probes: { ready: { http: '/readyz', port: metricsPort }, live: { http: '/livez', port: metricsPort } },
        graceSeconds: 40,
      },
    ],
    content: offered ? contentSteps({ hosts, dnsServers: context.dnsServers }) : [],
    verify: verifySteps({ offered }),
    notices: mayOffer && hosts === undefined && whyNoLxc !== undefined ? [`No clusters are offered: ${whyNoLxc}.`] : [],
  }
}

let known: readonly Definition[] | undefined

/** Made once: the same for every cloud, and schemas take their time. */
function definitions(): readonly Definition[] {
  known ??= clusterDefinitions().map(({ metadata: { name }, spec }) => ({ name, spec: spec as Definition['spec'] }))
  return known
}

function declares(context: CatalogContext): Declarations {
  const service = openStackService(context, {
    name: 'magnum',
    type: 'container-infra',
    port,
    path: '/v1',
    databases: [],
    queue: true,
  })
  const secret = secretName('magnum')
  const keys = { ...service.secrets?.[secret]?.keys, [domain.passwordKey]: { kind: 'password', length: 32 } } as const
  return {
    ...service,
    identity: { ...service.identity, domains: [domain] },
    secrets: { ...service.secrets, [secret]: { keys } },
    definitions: definitions(),
  }
}

export const magnum: ServiceDefinition = {
  name: 'magnum',
  summary: 'Magnum, the service of container clusters',
  optionLists: { 'magnum.yaml': 'magnum' },
  images,
  declares,
  build,
}
