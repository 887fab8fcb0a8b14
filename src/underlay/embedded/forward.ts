/**
 * Listeners on 127.0.0.1 that lead into the underlay: one socat on the machine and one in the first node's network namespace,
 * joined by a Unix socket, since no packet may pass between the two. The outlet to a registry is the same the other way round.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../../errors/index.ts'
import {
  daemonIdentity,
  ensureDaemon,
  lastLines,
  readFileIfThere,
  stopDaemon,
  writeFileAtomically,
} from '../../host/index.ts'
import type { Forward } from '../underlay.ts'
import type { Layout } from './layout.ts'

/** The forward to the API server; `forward()` of the underlay leaves it alone. */
export const apiForward = 'kubernetes-api'
/** The way out to the registry; neither does it touch that one. */
export const registryOutlet = 'registry'

/** Makes one forward exist as told. Idempotent; throws `port-in-use` when somebody else has the port. */
export async function ensureForward(layout: Layout, forward: Forward): Promise<void> {
  const node = layout.nodes[0]
  if (node === undefined) return
  const started = await ensureRelay(layout, forward.name, {
    listen: { at: `TCP-LISTEN:${forward.hostPort},bind=127.0.0.1` },
    connect: { netns: node.netns, to: forward.target },
  })
  if (started) await untilListening(layout, forward)
}

/** Makes `ADDRESS:PORT` of the switch lead to `HOST:PORT` as this machine sees it. Idempotent. */
export async function ensureOutlet(layout: Layout, name: string, at: string, target: string): Promise<void> {
  const [address, port] = at.split(':')
  await ensureRelay(layout, name, {
    listen: { netns: layout.switchNetns, at: `TCP-LISTEN:${port},bind=${address}` },
    connect: { to: target },
  })
}

interface Relay {
  /** Without a namespace it is the machine's. */
  readonly listen: { readonly netns?: string; readonly at: string }
  readonly connect: { readonly netns?: string; readonly to: string }
}

/** Returns whether the listener had to be started. */
async function ensureRelay(layout: Layout, name: string, relay: Relay): Promise<boolean> {
  const paths = pathsOf(layout, name)
  const spec = `${JSON.stringify(relay)}\n`
  if ((await readFileIfThere(paths.spec)) !== spec) await removeForward(layout, name)
  await mkdir(layout.forwards, { recursive: true, mode: 0o700 })
  await writeFileAtomically(paths.spec, spec)
  const socat = (netns: string | undefined, ...ends: readonly string[]) => {
    const args = ['-t', '60', ...ends]
    return netns === undefined
      ? { command: 'socat', args }
      : { command: 'nsenter', args: [`--net=${netns}`, 'socat', ...args] }
  }
  const unix = `UNIX-LISTEN:${paths.socket},fork,unlink-early,mode=600,backlog=512`
  await ensureDaemon({
    ...socat(relay.connect.netns, unix, `TCP:${relay.connect.to},nodelay`),
    pidFile: paths.relayPid,
    logFile: paths.log,
  })
  const tcp = `${relay.listen.at},reuseaddr,fork,nodelay,backlog=512`
  return await ensureDaemon({
    ...socat(relay.listen.netns, tcp, `UNIX-CONNECT:${paths.socket}`),
    pidFile: paths.listenerPid,
    logFile: paths.log,
  })
}

/** Names of the forwards that are there. */
export async function forwardNames(layout: Layout): Promise<readonly string[]> {
  const files = await readdir(layout.forwards).catch(() => [])
  return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
}

/** On which port of 127.0.0.1 a forward was asked for last; undefined when there is none. */
export async function hostPortOf(layout: Layout, name: string): Promise<number | undefined> {
  const spec = await readFileIfThere(pathsOf(layout, name).spec)
  if (spec === undefined) return undefined
  const [, port] = /^TCP-LISTEN:(\d+),/.exec((JSON.parse(spec) as Relay).listen.at) ?? []
  return port === undefined ? undefined : Number(port)
}

/** Whether both halves of a forward are running. */
export async function isForwarding(layout: Layout, name: string): Promise<boolean> {
  const paths = pathsOf(layout, name)
  const halves = await Promise.all([daemonIdentity(paths.relayPid), daemonIdentity(paths.listenerPid)])
  return halves.every((half) => half !== undefined)
}

/** Ends a forward and forgets it. Idempotent. */
export async function removeForward(layout: Layout, name: string): Promise<void> {
  const paths = pathsOf(layout, name)
  await stopDaemon(paths.listenerPid)
  await stopDaemon(paths.relayPid)
  for (const path of [paths.spec, paths.socket]) await rm(path, { force: true })
}

function pathsOf(
  layout: Layout,
  name: string,
): {
  readonly spec: string
  readonly socket: string
  readonly relayPid: string
  readonly listenerPid: string
  readonly log: string
} {
  const at = (ending: string): string => join(layout.forwards, `${name}.${ending}`)
  return {
    spec: at('json'),
    socket: at('sock'),
    relayPid: at('relay.pid'),
    listenerPid: at('listener.pid'),
    log: join(layout.logs, `forward-${name}.log`),
  }
}

async function untilListening(layout: Layout, { name, hostPort }: Forward): Promise<void> {
  const paths = pathsOf(layout, name)
  for (let attempt = 0; attempt < 100; attempt += 1) {
    await sleep(30)
    if ((await daemonIdentity(paths.listenerPid)) === undefined) {
      const log = (await readFileIfThere(paths.log)) ?? ''
      throw new CroqueError('port-in-use', {
        what: `nothing can listen on 127.0.0.1:${hostPort} for ${name}`,
        why: lastLines(log, 3),
      })
    }
    if (await accepts(hostPort)) return
  }
  throw new CroqueError('port-in-use', { what: `the forward ${name} does not listen on 127.0.0.1:${hostPort}` })
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).then((open) => {
    socket.destroy()
    return open === true
  })
}
