import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { createCa, issueServer } from '../pki/index.ts'
import { createKube, type Kube, type KubeObject, type WatchEvent } from './index.ts'

let server: Server | undefined
let kube: Kube | undefined

afterEach(() => {
  kube?.close()
  server?.closeAllConnections()
  server?.close()
})

interface Reply {
  readonly status?: number
  readonly body: unknown
}

async function serve(answer: (url: URL, request: IncomingMessage) => Promise<Reply> | Reply): Promise<Kube> {
  const now = new Date()
  const ca = await createCa({ commonName: 'test', days: 1, now })
  const pair = await issueServer({ ca, commonName: 'x', dnsNames: [], ipAddresses: ['127.0.0.1'], days: 1, now })
  server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    const reply = async (): Promise<void> => {
      const { status = 200, body } = await answer(new URL(request.url ?? '/', 'https://x'), request)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    reply().catch(() => response.destroy())
  })
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const endpoint = { server: `https://127.0.0.1:${port}`, ca: ca.cert, clientCert: pair.cert, clientKey: pair.key }
  kube = createKube(endpoint, { retrySeconds: 0 })
  return kube
}

const pods = { apiVersion: 'v1', kind: 'Pod' }
const pod = (name: string, resourceVersion: string) => ({
  metadata: { name, resourceVersion, managedFields: [{ manager: 'x', operation: 'Update' }] },
  spec: { nodeName: name },
})
const keep = ({ apiVersion, kind, metadata: { name } }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
})

test('a list is read in pages of the wished size, and of each object what shall be kept', async () => {
  const asked: (string | null)[][] = []
  const client = await serve(({ searchParams }) => {
    asked.push([searchParams.get('limit'), searchParams.get('continue')])
    const first = searchParams.get('continue') === null
    return {
      body: {
        items: [pod(first ? 'a' : 'b', '1')],
        metadata: { resourceVersion: '7', ...(first ? { continue: 'next' } : {}) },
      },
    }
  })
  expect(await client.list(pods, { keep, pageSize: 1 })).toEqual({
    items: [
      { ...pods, metadata: { name: 'a' } },
      { ...pods, metadata: { name: 'b' } },
    ],
    resourceVersion: '7',
  })
  expect(asked).toEqual([
    ['1', null],
    ['1', 'next'],
  ])
})

test('a watch says of which version its list is, and keeps as little of what follows', async () => {
  const ending = new AbortController()
  const client = await serve(({ searchParams }) => {
    if (searchParams.get('watch') === null)
      return { body: { items: [pod('a', '3')], metadata: { resourceVersion: '7' } } }
    return { body: { type: 'MODIFIED', object: { ...pods, ...pod('a', '8') } } }
  })
  const events: WatchEvent[] = []
  for await (const event of client.watch(pods, { keep, signal: ending.signal })) {
    events.push(event)
    if (events.length === 2) ending.abort()
  }
  const object = { ...pods, metadata: { name: 'a' } }
  expect(events).toEqual([
    { type: 'SYNC', objects: [object], resourceVersion: '7' },
    { type: 'MODIFIED', object },
  ])
})

const conflict = { status: 409, body: { kind: 'Status', reason: 'Conflict', message: 'another version' } }
const gone = { status: 404, body: { kind: 'Status', reason: 'NotFound' } }
const deletions = [
  { what: 'another object of the name', asked: { uid: 'u' }, answer: conflict, says: false },
  { what: 'another version of it', asked: { uid: 'u', resourceVersion: '5' }, answer: conflict, says: 'kube-conflict' },
  { what: 'nothing', asked: { uid: 'u', resourceVersion: '5' }, answer: gone, says: false },
  { what: 'it', asked: { resourceVersion: '5' }, answer: { body: {} }, says: true },
]

test.each(deletions)('to delete one version where there is $what', async ({ asked, answer, says }) => {
  let body: unknown
  const client = await serve(async (_url, request) => {
    body = JSON.parse(await text(request))
    return answer
  })
  const deleted = client.delete({ ...pods, name: 'a', namespace: 'n' }, asked)
  expect(await deleted.catch((error: { code?: string }) => error.code)).toBe(says)
  expect(body).toMatchObject({ preconditions: asked })
})
