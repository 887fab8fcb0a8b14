/** What goes through the API server to a Pod: a command in it, a connection to a port of it. */
import { Duplex } from 'node:stream'
import { CroqueError } from '../errors/index.ts'
import type { KubeEndpoint } from './endpoint.ts'
import { type Channels, openChannels } from './websocket.ts'

export interface PodRef {
  readonly namespace: string
  readonly name: string
}

const pathOf = ({ namespace, name }: PodRef, verb: string, query: [string, string][]): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/${verb}?${new URLSearchParams(query).toString()}`

/**
 * A connection to a port of a Pod, as if made on its own loopback. Its end tells nothing more than that it ended; what the node
 * says about the port is the error.
 */
export async function portForward(
  endpoint: KubeEndpoint,
  pod: PodRef,
  port: number,
  signal?: AbortSignal,
): Promise<Duplex> {
  // Each channel begins with the port's number, in two bytes.
  const greetings = [2, 2]
  let channels: Channels | undefined
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      channels?.send(0, chunk, done)
    },
    final: (done) => {
      // These channels have no half-closed state: the other side may still be speaking, and ends by itself.
      done()
    },
    destroy: (error, done) => {
      channels?.close()
      done(error)
    },
  })
  const onData = (channel: number, data: Buffer): void => {
    const skipped = Math.min(greetings[channel] ?? 0, data.length)
    greetings[channel] = (greetings[channel] ?? 0) - skipped
    const rest = data.subarray(skipped)
    if (rest.length === 0) return
    if (channel === 0) stream.push(rest)
    else stream.destroy(Object.assign(new Error(rest.toString('utf8')), { code: 'ECONNREFUSED' }))
  }
  const onEnd = (error?: Error): void => {
    if (error !== undefined) stream.destroy(error)
    else stream.push(null)
  }
  channels = await openChannels(
    endpoint,
    pathOf(pod, 'portforward', [['ports', String(port)]]),
    { onData, onEnd },
    signal,
  )
  return stream
}

export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface ExecStatus {
  readonly status?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

/** Runs a command in a container to its end. Throws `kube-failed` when it could not be run at all. */
export async function exec(
  endpoint: KubeEndpoint,
  pod: PodRef,
  { command, container }: { readonly command: readonly string[]; readonly container?: string },
  signal?: AbortSignal,
): Promise<ExecResult> {
  const query = [
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...(container === undefined ? [] : [['container', container]]),
    ...command.map((word) => ['command', word]),
  ] as [string, string][]
  const said: Buffer[][] = [[], [], [], []]
  await new Promise<void>((resolve, reject) => {
    const onEnd = (error?: Error): void => (error === undefined ? resolve() : reject(error))
    const onData = (channel: number, data: Buffer): void => void said[channel]?.push(Buffer.from(data))
    openChannels(endpoint, pathOf(pod, 'exec', query), { onData, onEnd }, signal).then((channels) => {
      signal?.addEventListener('abort', () => channels.close(), { once: true })
    }, reject)
  })
  signal?.throwIfAborted()
  const [, stdout = '', stderr = '', last = ''] = said.map((chunks) => Buffer.concat(chunks).toString('utf8'))
  return { code: exitCode(last, `${pod.namespace}/${pod.name}`), stdout, stderr }
}

function exitCode(last: string, pod: string): number {
  const { status, message, details } = (last === '' ? {} : JSON.parse(last)) as ExecStatus
  if (status === 'Success') return 0
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  if (code !== undefined) return Number(code)
  throw new CroqueError('kube-failed', {
    what: `A command could not be run in the Pod ${pod}`,
    why: message ?? 'the connection ended before the command did',
  })
}
