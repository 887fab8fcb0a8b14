import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const script = resolve(import.meta.dirname, '../../images/contract/root/usr/local/bin/croque-wait')
const needs = {
  task: { kind: 'task', id: 'nova/db-sync', name: 'nova-db-sync-1a2b3c' },
  endpoint: { kind: 'endpoint', id: 'mariadb/server', name: 'mariadb' },
  node: { kind: 'node', id: 'ovn/ovsdb', selector: 'croque.dev/component=ovn.ovsdb' },
}
const ready = {
  task: { status: { conditions: [{ type: 'Complete', status: 'True' }] } },
  endpoint: { items: [{ endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }] }] },
  node: { items: [{ metadata: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } }] },
}

interface Request {
  readonly method: string
  readonly path: string
  readonly token: string
  readonly body: unknown
}
type Answer = { readonly status?: number; readonly body?: unknown }

let secrets: string
let server: Server | undefined
let requests: Request[]

beforeEach(() => {
  secrets = mkdtempSync(join(tmpdir(), 'croque-wait-'))
  writeFileSync(join(secrets, 'token'), 'the-token\n')
  writeFileSync(join(secrets, 'namespace'), 'openstack')
  requests = []
})
afterEach(async () => {
  rmSync(secrets, { recursive: true })
  await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)))
  server = undefined
})

/** A stand-in for the API server; `answer` sees how many requests came before. */
async function api(answer: (request: Request, before: number) => Answer, port = 0): Promise<number> {
  server = createServer((incoming, outgoing) => {
    void read(incoming).then((body) => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        token: incoming.headers.authorization ?? '',
        body,
      }
      const { status = 200, body: reply = {} } = answer(request, requests.length)
      requests.push(request)
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
    })
  })
  await new Promise<void>((done) => server?.listen(port, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

async function read(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
}

async function wait(
  list: unknown,
  port: number,
  heard?: (out: string) => void,
): Promise<{ code: number | null; out: string }> {
  const child = spawn('/usr/bin/python3', ['-IS', script, typeof list === 'string' ? list : JSON.stringify(list)], {
    env: {
      PATH: '/usr/bin',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(port),
      CROQUE_WAIT_SECRETS: secrets,
      CROQUE_WAIT_PLAIN: '1',
      NODE_NAME: 'node1',
      POD_NAME: 'nova-api-0',
      POD_UID: 'u1',
    },
  })
  let out = ''
  child.stdout.on('data', (data) => {
    out += data
    heard?.(out)
  })
  child.stderr.on('data', (data) => {
    out += data
  })
  return new Promise((done) => child.on('close', (code) => done({ code, out: messages(out) })))
}

/** Its lines are JSON; what Python itself says is not. */
const messages = (out: string): string =>
  out
    .split('\n')
    .map((line) => (line.startsWith('{') ? JSON.parse(line).message : line))
    .join('\n')

describe('what is there already', () => {
  test.each([
    ['task', '/apis/batch/v1/namespaces/openstack/jobs/nova-db-sync-1a2b3c'],
    [
      'endpoint',
      '/apis/discovery.k8s.io/v1/namespaces/openstack/endpointslices?labelSelector=kubernetes.io/service-name%3Dmariadb',
    ],
    [
      'node',
      '/api/v1/namespaces/openstack/pods?labelSelector=croque.dev/component%3Dovn.ovsdb&fieldSelector=spec.nodeName%3Dnode1',
    ],
  ] as const)('%s is asked for once, with the token', async (kind, path) => {
    const port = await api(() => ({ body: ready[kind] }))
    const { code, out } = await wait([needs[kind]], port)
    expect([code, out]).toEqual([0, expect.stringContaining(`all there after 0.`)])
    expect(requests).toEqual([{ method: 'GET', path, token: 'Bearer the-token', body: undefined }])
  })

  test('no needs, no request', async () => {
    const port = await api(() => ({ status: 500 }))
    expect((await wait([], port)).code).toBe(0)
    expect(requests).toEqual([])
  })
})

describe('what is not there yet', () => {
  test.each([
    ['task', { status: { active: 1 } }, 'waiting for task nova/db-sync: running'],
    ['task', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }, 'waiting for task nova/db-sync: failed'],
    ['endpoint', { items: [] }, 'waiting for endpoint mariadb/server: no Pod behind it yet'],
    [
      'endpoint',
      { items: [{ endpoints: [{ addresses: ['1.2.3.4'], conditions: { ready: false } }] }] },
      'waiting for endpoint mariadb/server: not ready',
    ],
    ['node', { items: [] }, 'waiting for node ovn/ovsdb: no Pod on node1 yet'],
    [
      'node',
      { items: [{ metadata: { deletionTimestamp: 'x' }, status: ready.node.items[0]?.status }] },
      'waiting for node ovn/ovsdb: not ready on node1',
    ],
  ] as const)('%s: says once what it waits for, and ends when it comes', async (kind, body, line) => {
    const port = await api((_request, before) => ({ body: before < 2 ? body : ready[kind] }))
    const { code, out } = await wait([needs[kind]], port)
    expect(code).toBe(0)
    expect(out.split('\n').filter((text) => text === line)).toHaveLength(1)
  })

  test('a missing Job is waited for', async () => {
    const port = await api((_request, before) => (before === 0 ? { status: 404 } : { body: ready.task }))
    expect((await wait([needs.task], port)).out).toContain('task nova/db-sync: not there yet')
  })

  test('only what is left is asked for again', async () => {
    const port = await api(({ path }, before) => ({
      body: path.includes('/jobs/') ? ready.task : before < 3 ? {} : ready.endpoint,
    }))
    expect((await wait([needs.task, needs.endpoint], port)).code).toBe(0)
    expect(requests.filter(({ path }) => path.includes('/jobs/'))).toHaveLength(1)
  })

  test('one Event on the Pod is made, not one a poll', async () => {
    const port = await api(({ path }, before) => ({
      body: path.includes('/events') ? { metadata: { name: 'e' } } : before < 7 ? {} : ready.task,
    }))
    await wait([needs.task], port)
    const events = requests.filter(({ path }) => path.includes('/events'))
    expect(events.map(({ method }) => method)).toEqual(['POST'])
    expect(events[0]?.body).toMatchObject({
      reason: 'Waiting',
      involvedObject: { kind: 'Pod', name: 'nova-api-0', uid: 'u1' },
      message: expect.stringContaining('nova/db-sync'),
    })
  })
})

describe('an API server in trouble', () => {
  test('that refuses is asked again, and the refusal is told', async () => {
    const port = await api((_request, before) =>
      before === 0 ? { status: 403, body: { message: 'not you' } } : { body: ready.task },
    )
    const { code, out } = await wait([needs.task], port)
    expect([code, out]).toEqual([0, expect.stringContaining('403 not you')])
  })

  test('that is absent is waited for', async () => {
    const port = await api(() => ({}))
    await new Promise((done) => server?.close(done))
    const refused = Promise.withResolvers<void>()
    const waiting = wait([needs.task], port, (out) => {
      if (out.includes('refused')) refused.resolve()
    })
    await refused.promise
    await api(() => ({ body: ready.task }), port)
    const { code, out } = await waiting
    expect([code, out]).toEqual([0, expect.stringContaining('Connection refused')])
  })
})

test.each([['not json'], ['[{"kind":"moon","id":"x","name":"y"}]'], ['[{"kind":"task","id":"x"}]'], ['{}x']])(
  'needs that are %s end it with 2',
  async (list) => {
    expect((await wait(list, 1)).code).toBe(2)
  },
)
