/** The certificate of the API: files that somebody renews in place. */
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { type Clock, pause } from '../clock/index.ts'
import type { ServiceConfig } from './config.ts'

export interface Pair {
  readonly cert: string
  readonly key: string
}

interface Files {
  readonly cert: string
  readonly key: string
}

/** Undefined where the configuration names none. */
export function tlsFiles({ api }: Pick<ServiceConfig, 'api'>): Files | undefined {
  const { tls_cert_file: cert, tls_key_file: key } = api
  return cert === undefined || key === undefined ? undefined : { cert, key }
}

export async function readPair({ cert, key }: Files): Promise<Pair> {
  const [certificate, privateKey] = await Promise.all([readFile(cert, 'utf8'), readFile(key, 'utf8')])
  return { cert: certificate, key: privateKey }
}

/** Milliseconds between two looks: the kubelet itself brings a changed Secret within a minute or two. */
const everyMs = 30_000

/** Reads again and again until the signal aborts; connections that are open keep what they began with. */
export async function keepCurrent(
  read: () => Promise<Pair>,
  first: Pair,
  options: {
    readonly server: Pick<Server, 'setSecureContext'>
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly onRenewal: () => void
    readonly onFailure: (error: unknown) => void
  },
): Promise<void> {
  const { server, clock, signal } = options
  let current = first
  while (!signal.aborted) {
    await pause(clock, everyMs, signal)
    if (signal.aborted) return
    try {
      const found = await read()
      if (found.cert === current.cert && found.key === current.key) continue
      // Read in the middle of a change, they do not fit, and this throws: the next look will do.
      server.setSecureContext(found)
      current = found
      options.onRenewal()
    } catch (error) {
      options.onFailure(error)
    }
  }
}
