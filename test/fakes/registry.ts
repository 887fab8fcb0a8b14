/** A registry in this process, by TLS: what the OCI distribution specification says of pushing, with faults on request. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCa, issueServer } from '../../src/pki/index.ts'

export interface FakeRegistryOptions {
  /** Takes no smaller piece of an upload but the last one, bytes. */
  readonly smallestPiece?: number
  /** Its blobs are elsewhere: who asks for one is sent there. */
  readonly elsewhere?: boolean
  /** Thinks that it speaks without TLS. */
  readonly behindProxy?: boolean
  /** Asks for this user, by a password or by a token for it. */
  readonly login?: { readonly user: string; readonly password: string; readonly by: 'basic' | 'token' }
}

/** Each is used up by what it happens to. */
export interface Faults {
  /** Breaks the connection when so many bytes of an upload have come, and keeps those. */
  breakAfter?: number
  /** Answers so many times that it is busy. */
  busy?: number
  /** Knows no upload any more when one goes on. */
  forgets?: boolean
}

export interface FakeRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** PEM of the CA that vouches for it. */
  readonly ca: string
  /** `METHOD PATH` of every request, in order. */
  readonly requests: readonly string[]
  /** Bodies of uploads, whatever became of them. */
  readonly uploadedBytes: number
  readonly faults: Faults
  /** `REPOSITORY@sha256:…` */
  readonly blobs: ReadonlyMap<string, Buffer>
  /** `REPOSITORY:TAG`; a test may put some in. */
  readonly manifests: Map<string, string>
  close(): Promise<void>
}

const sha256 = (data: Uint8Array | string): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

export async function fakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const { login, smallestPiece } = options
  const now = new Date()
  const ca = await createCa({ commonName: 'a CA', days: 1, now })
  const server = createServer(
    await issueServer({
      ca,
      commonName: 'registry',
      days: 1,
      now,
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
    }),
  )
  const requests: string[] = []
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, string>()
  const uploads = new Map<string, Buffer>()
  const faults: Faults = {}
  let uploadedBytes = 0

  const authorised = ({ headers }: IncomingMessage, scope: string): boolean => {
    if (login === undefined) return true
    const { user, password, by } = login
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    return headers.authorization === (by === 'basic' || scope === 'token' ? basic : `Bearer token for ${scope}`)
  }
  const challenge = (): string =>
    login?.by === 'token'
      ? `Bearer realm="https://${host()}/token",service="fake, and more"`
      : 'Basic realm="a registry"'
  const host = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`

  /** Keeps what has come even when no more does. */
  const receive = async (request: IncomingMessage, id: string): Promise<void> => {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      uploadedBytes += chunk.length
      const sofar = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), chunk])
      uploads.set(id, sofar)
      if (faults.breakAfter === undefined || sofar.length < faults.breakAfter) continue
      delete faults.breakAfter
      request.socket.destroy()
      return
    }
  }
  const status = (response: ServerResponse, code: number, repository: string, id: string): void => {
    const size = uploads.get(id)?.length ?? 0
    response.writeHead(code, {
      location: `${options.behindProxy === true ? `http://${host()}` : ''}/v2/${repository}/blobs/uploads/${id}?state=${size}`,
      range: `0-${Math.max(0, size - 1)}`,
      ...(smallestPiece === undefined ? {} : { 'oci-chunk-min-length': String(smallestPiece) }),
    })
    response.end()
  }
  const begin = (response: ServerResponse, repository: string, query: URLSearchParams): unknown => {
    const [digest, from] = [query.get('mount'), query.get('from')]
    const blob = blobs.get(`${from}@${digest}`)
    if (blob === undefined) {
      const id = String(uploads.size + 1)
      uploads.set(id, Buffer.alloc(0))
      return status(response, 202, repository, id)
    }
    blobs.set(`${repository}@${digest}`, blob)
    return response.writeHead(201).end()
  }
  const goOn = async (request: IncomingMessage, response: ServerResponse, repository: string, url: URL) => {
    const id = url.pathname.split('/').at(-1) ?? ''
    if (faults.forgets === true) {
      delete faults.forgets
      uploads.delete(id)
    }
    const known = uploads.get(id)
    if (known === undefined) return refuse(response, 404, 'BLOB_UPLOAD_UNKNOWN')
    if (request.method === 'GET') return status(response, 204, repository, id)
    const start = Number(/^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '0-0')?.[1])
    const small = request.method === 'PATCH' && Number(request.headers['content-length']) < (smallestPiece ?? 0)
    if (start !== known.length || small) return refuse(response, 416, 'BLOB_UPLOAD_INVALID')
    await receive(request, id)
    if (request.method === 'PATCH') return status(response, 202, repository, id)
    const digest = url.searchParams.get('digest') ?? ''
    const data = uploads.get(id) ?? Buffer.alloc(0)
    if (sha256(data) !== digest) return refuse(response, 400, 'DIGEST_INVALID')
    blobs.set(`${repository}@${digest}`, data)
    return response.writeHead(201).end()
  }
  const manifest = async (request: IncomingMessage, response: ServerResponse, repository: string, tag: string) => {
    const key = `${repository}:${tag}`
    if (request.method === 'PUT') {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      const { config, layers } = JSON.parse(text) as { config: { digest: string }; layers: { digest: string }[] }
      if ([config, ...layers].some(({ digest }) => !blobs.has(`${repository}@${digest}`)))
        return refuse(response, 404, 'MANIFEST_BLOB_UNKNOWN')
      manifests.set(key, text)
      return response.writeHead(201).end()
    }
    const text = manifests.get(key)
    if (text === undefined) return refuse(response, 404, 'MANIFEST_UNKNOWN')
    return response.writeHead(200, { 'docker-content-digest': sha256(text) }).end()
  }
  const has = (response: ServerResponse, key: string): unknown => {
    if (!blobs.has(key)) return response.writeHead(404).end()
    return response.writeHead(options.elsewhere === true ? 307 : 200, { location: 'https://store.example.org' }).end()
  }
  /** Whether a fault took the request. */
  const faulty = (response: ServerResponse): boolean => {
    if ((faults.busy ?? 0) === 0) return false
    faults.busy = (faults.busy ?? 0) - 1
    refuse(response, 503, 'TOOMANYREQUESTS')
    return true
  }
  const token = (request: IncomingMessage, response: ServerResponse, url: URL): unknown => {
    if (!authorised(request, 'token')) return refuse(response, 401, 'UNAUTHORIZED')
    const scope = url.searchParams.getAll('scope')[0] ?? ''
    return response.end(JSON.stringify({ token: `token for ${scope.split(':')[1]}`, expires_in: 300 }))
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    const url = new URL(request.url ?? '/', `https://${host()}`)
    requests.push(`${request.method} ${url.pathname}`)
    if (faulty(response)) return
    if (url.pathname === '/token') return token(request, response, url)
    const [, repository = '', kind, rest = ''] =
      /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? []
    if (!authorised(request, repository)) {
      response.setHeader('www-authenticate', challenge())
      return refuse(response, 401, 'UNAUTHORIZED')
    }
    if (kind === 'manifests') return await manifest(request, response, repository, rest)
    if (kind === 'blobs') return has(response, `${repository}@${rest}`)
    if (request.method === 'POST') return begin(response, repository, url.searchParams)
    return await goOn(request, response, repository, url)
  }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    host: host(),
    ca: ca.cert,
    requests,
    get uploadedBytes() {
      return uploadedBytes
    },
    faults,
    blobs,
    manifests,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((done) => {
        server.close(() => done())
      })
    },
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message: `because of ${code}` }] }))
}
