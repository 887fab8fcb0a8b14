import {
  type BuildContext,
  component,
  configDir,
  type EnvValue,
  type ServiceDefinition,
  type ServiceParts,
  secretName,
} from '../model.ts'
import { queuePort } from '../oslo.ts'
import { text } from '../text.ts'
import { caFile, certFile, keyFile } from '../tls.ts'
import { images } from './images.ts'

/** The files are read for every connection anew, after two minutes at most. */
const listeners = (context: BuildContext): string =>
  context.internalTls
    ? `listeners.tcp = none
listeners.ssl.default = ${queuePort(context)}
ssl_options.cacertfile = ${caFile}
ssl_options.certfile = ${certFile}
ssl_options.keyfile = ${keyFile}
ssl_options.verify = verify_none`
    : `listeners.tcp.default = ${queuePort(context)}`

const serverConf = (context: BuildContext): string => `loopback_users = none
${listeners(context)}
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
queue_leader_locator = balanced
log.console = true
log.console.level = warning
log.console.formatter = json
log.file = false
`

/**
 * The management client speaks with the server as one Erlang node with another, and gives it passwords. The node's name ends in the
 * domain of the cluster, which no certificate knows: that the CA signed it has to do, beside the cookie.
 */
const distributionConf = `[{server, [{cacertfile, "${caFile}"}, {certfile, "${certFile}"}, {keyfile, "${keyFile}"}, {verify, verify_none}]},
 {client, [{cacertfile, "${caFile}"}, {verify, verify_peer}, {server_name_indication, disable}]}].
`

function distributed(context: BuildContext) {
  if (!context.internalTls) return { option: '', files: {}, env: {} }
  const path = `${configDir}/distribution.config`
  const option = `-proto_dist inet_tls -ssl_dist_optfile ${path}`
  return { files: { [path]: { text: distributionConf } }, env: { RABBITMQ_CTL_ERL_ARGS: option }, option }
}

const passwordVariable = (user: string): string => `PASSWORD_${user.toUpperCase()}`

function definitions(declared: BuildContext['declared']): { json: string; env: Record<string, EnvValue> } {
  const wanted = declared.flatMap(({ service, declarations }) =>
    (declarations.queues ?? []).map((queue) => ({ service, ...queue })),
  )
  const json = {
    vhosts: wanted.map(({ vhost }) => ({ name: vhost, default_queue_type: 'quorum' })),
    users: wanted.map(({ user }) => ({ name: user, password: `\${${passwordVariable(user)}}`, tags: [] })),
    permissions: wanted.map(({ user, vhost }) => ({ user, vhost, configure: '.*', write: '.*', read: '.*' })),
  }
  const env = Object.fromEntries(
    wanted.map(({ service, user, passwordKey }) => [
      passwordVariable(user),
      { secret: secretName(service), key: passwordKey },
    ]),
  )
  return { json: `${JSON.stringify(json, undefined, 2)}\n`, env }
}

const cookieEnv = { ERLANG_COOKIE: { secret: secretName('rabbitmq'), key: 'erlang-cookie' } } as const

function build(context: BuildContext): ServiceParts {
  const { json, env } = definitions(context.declared)
  const distribution = distributed(context)
  return {
    components: [
      {
        name: 'server',
        kind: 'statefulset',
        summary: 'the message queue',
        image: 'rabbitmq',
        command: ['sh', `${configDir}/start.sh`],
        user: 'rabbitmq',
        placement: ['control'],
        replicas: 1,
        priority: 'infrastructure',
        ports: [
          { name: 'amqp', port: queuePort(context) },
          { name: 'epmd', port: 4369 },
          { name: 'cluster', port: 25672 },
        ],
        headless: true,
        files: {
          [`${configDir}/rabbitmq.conf`]: { text: serverConf(context) },
          [`${configDir}/enabled_plugins`]: { text: '[].\n' },
          ...distribution.files,
          [`${configDir}/start.sh`]: { text: text(import.meta.url, './start.sh') },
        },
        env: {
          ...cookieEnv,
          ...distribution.env,
          RABBITMQ_CONFIG_FILE: `${configDir}/rabbitmq.conf`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${configDir}/enabled_plugins`,
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
            `+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none ${distribution.option}`.trim(),
        },
        volumes: [{ kind: 'claim', name: 'data', mountPath: '/var/lib/rabbitmq', size: '2Gi' }],
        needs: [],
        resources: { cpu: '100m', memory: '200Mi' },
        probes: { ready: { tcp: queuePort(context) }, periodSeconds: 2 },
        graceSeconds: 20,
      },
    ],
    tasks: [
      {
        name: 'users',
        summary: 'virtual hosts and users of the services',
        image: 'rabbitmq',
        command: ['sh', `${configDir}/users.sh`],
        user: 'rabbitmq',
        placement: ['control'],
        files: {
          [`${configDir}/users.sh`]: { text: text(import.meta.url, './users.sh') },
          ...distribution.files,
          [`${configDir}/users.json`]: { text: json },
        },
        env: { ...cookieEnv, ...distribution.env, ...env },
        needs: [component('rabbitmq/server')],
        resources: { cpu: '50m', memory: '128Mi' },
      },
    ],
  }
}

export const rabbitmq: ServiceDefinition = {
  name: 'rabbitmq',
  summary: 'RabbitMQ, the message queue between the services',
  optionLists: {},
  images,
  declares: () => ({
    secrets: { [secretName('rabbitmq')]: { keys: { 'erlang-cookie': { kind: 'password', length: 40 } } } },
  }),
  build,
}
