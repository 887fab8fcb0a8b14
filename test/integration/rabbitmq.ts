/** A real RabbitMQ for tests: the one of our image, on ports of 127.0.0.1. */
import { createConnection } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/host/index.ts'
import { ensureImages } from '../../src/images/index.ts'
import { openContainers } from './containers.ts'

export interface RabbitMq {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Who may do everything in the virtual host. */
  readonly user: string
  readonly password: string
  readonly vhost: string
  readonly stop: () => Promise<void>
}

/** Answers when it returns, after some ten seconds; the image is built where the cache lacks it. */
export async function startRabbitMq(): Promise<RabbitMq> {
  const [archive] = await ensureImages({
    repoDir: resolve(import.meta.dirname, '../..'),
    cacheDir: process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque',
    release: '2026.1',
    names: ['rabbitmq'],
    env: process.env as Record<string, string>,
    report: { step: async (_id, work) => await work(() => undefined) },
    signal: new AbortController().signal,
  })
  if (archive === undefined) throw new Error('there is no image rabbitmq')
  const [port, mapperPort, distributionPort] = await Promise.all([freePort(), freePort(), freePort()])
  const [user, password, vhost] = ['magnum', 'a-password-of-tests', 'magnum']
  const containers = await openContainers()
  const ending = new AbortController()
  const files = '/var/lib/kolla/config_files'
  const running = (await containers.create(archive)).start({
    files: {
      'config.json': { command: 'rabbitmq-server', config_files: [] },
      'rabbitmq.conf': `listeners.tcp.1 = 127.0.0.1:${port}
loopback_users = none
default_user = ${user}
default_pass = ${password}
default_vhost = ${vhost}
log.console = true
log.console.level = warning
log.file = false
`,
      'rabbitmq-env.conf': `NODENAME=rabbit@localhost
CONFIG_FILE=${files}/rabbitmq.conf
ENABLED_PLUGINS_FILE=${files}/enabled_plugins
SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none'
`,
      enabled_plugins: '[].\n',
    },
    env: {
      KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS',
      RABBITMQ_CONF_ENV_FILE: `${files}/rabbitmq-env.conf`,
      RABBITMQ_DIST_PORT: String(distributionPort),
      ERL_EPMD_PORT: String(mapperPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
    },
    signal: ending.signal,
  })
  let ended: unknown
  const over = running
    .catch((error: unknown) => error)
    .then((result) => {
      ended = result
    })
  const stop = async (): Promise<void> => {
    ending.abort()
    await over
    await containers.remove()
  }
  while (!(await listens(port))) {
    if (ended !== undefined) {
      await stop()
      throw new Error(`RabbitMQ did not come up: ${JSON.stringify(ended)}`)
    }
    await sleep(200)
  }
  return { host: `127.0.0.1:${port}`, user, password, vhost, stop }
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.on('error', () => done(false))
  })
}
