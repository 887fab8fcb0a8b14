/** The API of Docker in tenants' clusters (https://docs.docker.com/reference/api/engine/), by a certificate that the cluster's CA signs. */
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ClusterCertificates } from '../../../certificates/index.ts'
import type { Cluster } from '../../../model/index.ts'

/** @returns the JSON of the answer; undefined for an empty one. @throws DockerError, and whatever connecting throws */
export type Docker = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<unknown>

export class DockerError extends Error {
  readonly status: number

  constructor(what: string, status: number, why: string) {
    super(`${what}: ${status} ${why}`)
    this.name = 'DockerError'
    this.status = status
  }
}

/** A look is quick, or there is nothing to be seen. */
const timeout = 5000
const hours = 1
/** What a tenant's cluster says ends up in ours. */
const longestReason = 300
const longestAnswer = 8 * 2 ** 20

export const dockerBy =
  (certificates: Pick<ClusterCertificates, 'admin'>) =>
  async ({ cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal }): Promise<Docker> => {
    const { apiAddress } = cluster.status
    if (apiAddress === undefined) throw new Error(`Cluster ${cluster.uuid} has no address yet`)
    const { hostname: host, port } = new URL(apiAddress)
    // Docker has no users: whoever has a certificate may do everything.
    const { cert, key, ca } = await certificates.admin(cluster, {
      hours,
      commonName: 'croque:driver',
      organizations: [],
    })
    return async (method, path, body) => await call({ host, port, cert, key, ca, method, path, signal, body })
  }

interface Call {
  readonly host: string
  readonly port: string
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly method: string
  readonly path: string
  readonly signal: AbortSignal
  readonly body: unknown
}

async function call({ method, path, body, signal, ...to }: Call): Promise<unknown> {
  const { status, said } = await new Promise<{ readonly status: number; readonly said: string }>((resolve, reject) => {
    const sent = request(
      {
        ...{ ...to, method, path, agent: false },
        headers: { 'Content-Type': 'application/json' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      },
      (answer) => {
        let length = 0
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > longestAnswer) answer.destroy(new Error(`${path}: the answer is too long`))
        })
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, said }), reject)
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
  if (status >= 300) throw new DockerError(`${method} ${path}`, status, whyOf(said).slice(0, longestReason))
  return said.trim() === '' ? undefined : JSON.parse(said)
}

function whyOf(said: string): string {
  try {
    return (JSON.parse(said) as { readonly message?: string }).message ?? said
  } catch {
    return said
  }
}
