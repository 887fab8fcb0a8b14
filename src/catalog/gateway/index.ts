import {
  type BuildContext,
  type CatalogContext,
  configDir,
  type Declarations,
  type Route,
  type ServiceDefinition,
  type ServiceParts,
} from '../model.ts'
import { text } from '../text.ts'
import { caFile, onRenewal } from '../tls.ts'
import { images } from './images.ts'

/** The CA of the public certificate, where that is made here. */
export const caSecret = 'croque-ca'
const tlsSecret = 'gateway-tls'

const backendName = (route: Route): string => `service_${route.name}`

const stripPrefix = ({
  prefix,
}: Route): string => `  http-request set-header X-Forwarded-Prefix ${prefix} if { path_beg ${prefix} }
  http-request replace-path ^${prefix}/?(.*)$ /\\1
`

/** `keystone-api:5000`, and how its certificate is looked at. */
function server({ internalTls }: CatalogContext, { component, port }: Route): string {
  const name = component.replace('/', '-')
  return `${name}:${port}${internalTls ? ` ssl verify required ca-file ${caFile} verifyhost ${name}` : ''}`
}

/** Not on a node's own network, where the port may be somebody else's. */
const health = `frontend health
  bind :8080
  monitor-uri /healthz
`

/** What oslo.middleware takes for a request id; it passes over any other. */
const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/**
 * Of each request one JSON line with the names of oslo.log's. One id follows a request through all services that work on it, as
 * their `global_request_id`; the first service's own is in its answer.
 */
const requestLog = [
  '%{+json}o',
  ...['%(created:sint)[date]', '%(levelname)[str(INFO)]', '%(name)[str(haproxy)]'],
  ...['%(global_request_id)[var(txn.global_request_id)]', '%(request_id)[var(txn.request_id)]'],
  ...['%(client)ci', '%(backend)b', '%(message)r', '%(status:sint)ST', '%(bytes:sint)B'],
  ...['%(milliseconds:sint)Ta', '%(end)ts'],
].join(' ')

/**
 * One name, one port, one certificate; services are told apart by the first part of the path. A connection with TLS is there only when
 * the other program has answered, which takes a while where that is loading itself anew.
 */
function haproxyConf(context: BuildContext, routes: readonly Route[]): string {
  const rules = routes.map(
    (route) => `  use_backend ${backendName(route)} if { path ${route.prefix} } || { path_beg ${route.prefix}/ }`,
  )
  const sockets = routes
    .filter(({ websocket }) => websocket === true)
    .map((route) => `  use_backend ${backendName(route)} if { path / } { hdr(upgrade) -i websocket }`)
  const backends = routes.map(
    (route) => `
backend ${backendName(route)}
${route.keepsPrefix === true ? '' : stripPrefix(route)}  server service ${server(context, route)}`,
  )
  return `global
  log stdout format raw local0
  maxconn 1000
  nbthread 1
  hard-stop-after 20s
  ssl-load-extra-del-ext
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-server-options ssl-min-ver TLSv1.2

defaults
  mode http
  log global
  option dontlognull
  unique-id-format req-%[uuid()]
  log-format "${requestLog}"
  option forwardfor
  option redispatch
  retries 3
  retry-on conn-failure empty-response
  timeout connect ${context.internalTls ? '30s' : '5s'}
  timeout http-request 30s
  timeout client 10m
  timeout server 10m
  timeout tunnel 2h

frontend public
  bind :${context.publicPort} ssl crt /etc/haproxy/tls/tls.crt alpn http/1.1
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request del-header X-Forwarded-Prefix
  http-request set-header X-Openstack-Request-Id %[unique-id] unless { req.hdr(x-openstack-request-id) -m reg ^req-${uuid}$ }
  http-request set-var(txn.global_request_id) req.hdr(x-openstack-request-id)
  http-response set-var(txn.request_id) res.hdr(x-openstack-request-id)
  http-request return status 200 content-type text/plain string "${context.cloudName}\\n" if { path / } !{ hdr(upgrade) -i websocket }
${[...rules, ...sockets].join('\n')}
  default_backend nothing

${context.exposure.kind === 'HostNetwork' ? '' : health}${backends.join('\n')}

backend nothing
  http-request return status 404 content-type text/plain string "no service answers at this path\\n"
`
}

function build(context: BuildContext): ServiceParts {
  const routes = context.declared.flatMap(({ declarations }) => declarations.routes ?? [])
  const onNodes = context.exposure.kind === 'HostNetwork'
  return {
    components: [
      {
        name: 'proxy',
        kind: 'deployment',
        summary: `every public API at ${context.publicUrl}`,
        image: 'haproxy',
        command: ['sh', `${configDir}/start.sh`],
        user: 'haproxy',
        placement: ['control'],
        replicas: context.replicas('gateway', 'proxy'),
        ports: [{ name: 'https', port: context.publicPort }],
        exposure: context.exposure,
        ...(onNodes ? { hostNetwork: true, update: 'recreate' } : {}),
        files: {
          [`${configDir}/haproxy.cfg`]: { text: haproxyConf(context, routes) },
          ...onRenewal,
          [`${configDir}/start.sh`]: { text: text(import.meta.url, './start.sh') },
        },
        volumes: [
          {
            kind: 'secret',
            name: 'tls',
            secret: context.tlsSecret ?? tlsSecret,
            mountPath: '/etc/haproxy/tls',
            mode: 0o440,
          },
        ],
        needs: [],
        resources: { cpu: '20m', memory: '64Mi' },
        probes: { ready: onNodes ? { tcp: context.publicPort } : { http: '/healthz', port: 8080 }, periodSeconds: 2 },
      },
    ],
  }
}

const generated = (context: CatalogContext): Declarations['secrets'] & object => ({
  [caSecret]: { keys: { ca: { kind: 'ca', commonName: `${context.cloudName} CA` } } },
  [tlsSecret]: {
    type: 'kubernetes.io/tls',
    keys: {
      tls: {
        kind: 'certificate',
        ca: `${caSecret}/ca`,
        commonName: context.publicHost,
        dnsNames: [context.publicHost, 'localhost', `gateway-proxy.${context.namespace}.svc`],
        ipAddresses: ['127.0.0.1', context.provider.gateway],
      },
    },
  },
})

export const gateway: ServiceDefinition = {
  name: 'gateway',
  summary: 'the one public address of the cloud',
  optionLists: {},
  images,
  declares: (context) => (context.tlsSecret === undefined ? { secrets: generated(context) } : {}),
  build,
}
