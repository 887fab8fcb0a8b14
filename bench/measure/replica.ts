/** One replica of the clusters API as a process of its own, and what it takes. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { KubeEndpoint } from '../../src/kube/index.ts'
import type { ReplicaAsked, ReplicaSaid } from './replica-process.ts'

export interface Replica {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string
  /** From the start of the process until it is ready, ms; and how much of a processor that took, however many wanted it. */
  readonly start: { readonly ready: number; readonly busy: number }
  /** When the driver was first called for a cluster, ms since 1970. */
  readonly called: (uuid: string) => Promise<number>
  /** Bytes: now, and the most so far. */
  readonly memory: () => { readonly rss: number; readonly peak: number }
  readonly stop: () => Promise<void>
}

export interface ReplicaOptions {
  readonly endpoint: KubeEndpoint
  /** YAML. */
  readonly config: string
  readonly logFile: string
}

/** As the Deployment of the catalog has it. */
const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4']
const program = new URL('replica-process.ts', import.meta.url).pathname

export async function startReplica({ endpoint, config, logFile }: ReplicaOptions): Promise<Replica> {
  const log = openSync(logFile, 'a')
  const begun = performance.timeOrigin + performance.now()
  const child = spawn(process.execPath, [...flags, program], { stdio: ['pipe', log, log, 'ipc'] })
  closeSync(log)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const ready = Promise.withResolvers<Pick<Replica, 'url' | 'start'>>()
  child.once('exit', () => {
    ready.reject(new Error(`the replica ended: ${readFileSync(logFile, 'utf8').slice(-2000)}`))
    end()
  })
  const calls = new Map<string, PromiseWithResolvers<number>>()
  const callOf = (uuid: string): PromiseWithResolvers<number> => {
    const call = calls.get(uuid) ?? Promise.withResolvers<number>()
    calls.set(uuid, call)
    return call
  }
  child.on('message', (said: ReplicaSaid) => {
    if ('ready' in said) ready.resolve({ url: `${said.ready}/v1`, start: { ready: said.at - begun, busy: said.busy } })
    else callOf(said.called).resolve(said.at)
  })
  child.stdin?.end(JSON.stringify({ endpoint, config } satisfies ReplicaAsked))
  return {
    ...(await ready.promise),
    called: async (uuid) => await callOf(uuid).promise,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      const of = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
      return { rss: of('VmRSS'), peak: of('VmHWM') }
    },
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
