/**
 * Listeners on 127.0.0.1 that lead into the underlay: one socat on the machine and one in the first node's network namespace,
 * joined by a Unix socket, since no packet may pass between the two.
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

/** Makes one forward exist as told. Idempotent; throws `port-in-use` when somebody else has the port. */
export async function ensureForward(layout: Layout, forward: Forward): Promise<void> {
  const paths = pathsOf(layout, forward.name)
  const spec = `${JSON.stringify(forward)}\n`
  if ((await readFileIfThere(paths.spec)) !== spec) await removeForward(layout, forward.name)
  await mkdir(layout.forwards, { recursive: true, mode: 0o700 })
  await writeFileAtomically(paths.spec, spec)
  const node = layout.nodes[0]
  if (node === undefined) return
  await ensureDaemon({
    command: 'nsenter',
    args: [
      `--net=${node.netns}`,
      'socat',
      '-t',
      '60',
      `UNIX-LISTEN:${paths.socket},fork,unlink-early,mode=600,backlog=512`,
      `TCP:${forward.target},nodelay`,
    ],
    pidFile: paths.relayPid,
    logFile: paths.log,
  })
  const started = await ensureDaemon({
    command: 'socat',
    args: [
      '-t',
      '60',
      `TCP-LISTEN:${forward.hostPort},bind=127.0.0.1,reuseaddr,fork,nodelay,backlog=512`,
      `UNIX-CONNECT:${paths.socket}`,
    ],
    pidFile: paths.listenerPid,
    logFile: paths.log,
  })
  if (started) await untilListening(layout, forward)
}

/** Names of the forwards that are there. */
export async function forwardNames(layout: Layout): Promise<readonly string[]> {
  const files = await readdir(layout.forwards).catch(() => [])
  return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
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
