/** What nobody means well by: the server says no with a clear 4xx, keeps its memory, and answers everybody else. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { type Answered, askOnce } from './client.ts'
import { openStage, type Place, type Stage } from './stage.ts'

const seed = Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000)
const MB = 2 ** 20
let dir: string
let stage: Stage | undefined
let place: Place
let token: string
let cluster: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-requests-'))
  stage = await openStage(dir)
  token = (await stage.world.token('member')) ?? ''
  place = await stage.place()
  await place.start()
  const flavors = { flavor_id: 'm1.small', master_flavor_id: 'm1.small' }
  expect(
    (await post('/clustertemplates', { name: 'small', coe: 'kubernetes', image_id: 'coreos', ...flavors })).status,
  ).toBe(201)
  const made = await post('/clusters', { name: 'one', cluster_template_id: 'small' })
  expect(made.status).toBe(202)
  cluster = String(made.body['uuid'])
})

afterAll(async () => {
  await stage?.close()
  await rm(dir, { recursive: true, force: true })
})

/** Whatever was asked before: it answers, and nothing of it was a fault of its own. */
afterEach(async () => {
  expect(await askOnce(place.url, token, { path: `/clusters/${cluster}` })).toMatchObject({ status: 200 })
  expect(place.faults()).toEqual([])
})

const post = async (path: string, body: unknown): Promise<Answered> =>
  (await askOnce(place.url, token, { method: 'POST', path, body })) ?? { status: 503, body: {} }

const opened = (): Socket => connect(Number(new URL(place.url).port), '127.0.0.1').on('error', () => undefined)

/** All that comes until the other side closes; texts are bytes, not UTF-8. */
async function talk(text: string): Promise<string> {
  const socket = opened().setTimeout(45_000, () => socket.destroy())
  let heard = ''
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
  })
  socket.write(Buffer.from(text, 'latin1'))
  await new Promise<void>((done) => socket.on('close', () => done()))
  return heard
}

const statusesOf = (heard: string): readonly number[] =>
  [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

const eol = '\r\n'
const head = (line: string, ...headers: readonly string[]): string =>
  [line, 'Host: x', 'Connection: close', ...headers, '', ''].join(eol)
const mine = (): string => `X-Auth-Token: ${token}`

describe('what is hardly HTTP', () => {
  const json = 'Content-Type: application/json'
  const hidden = 'GET /v1/clusters HTTP/1.1\r\nHost: x\r\n\r\n'

  test.each<[string, readonly string[], string]>([
    ['two lengths', ['Content-Length: 2', 'Content-Length: 44'], `{}${hidden}`],
    ['two lengths that are the same', ['Content-Length: 2', 'Content-Length: 2'], '{}'],
    ['a list of lengths', ['Content-Length: 2, 2'], '{}'],
    ['a signed length', ['Content-Length: +2'], '{}'],
    ['a negative length', ['Content-Length: -2'], '{}'],
    ['a length that is none', ['Content-Length: 0x2'], '{}'],
    ['a length without end', [`Content-Length: ${'9'.repeat(40)}`], '{}'],
    ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked'], `0${eol}${eol}${hidden}`],
    ['chunks and another length', ['Transfer-Encoding: chunked', 'Content-Length: 5'], `0${eol}${eol}${hidden}`],
    ['an encoding like chunks', ['Transfer-Encoding: xchunked'], `0${eol}${eol}${hidden}`],
    ['chunks inside out', ['Transfer-Encoding: chunked, identity'], `0${eol}${eol}${hidden}`],
    ['a space before the colon', ['Transfer-Encoding : chunked'], `0${eol}${eol}${hidden}`],
    ['a chunk whose size is none', ['Transfer-Encoding: chunked'], `zz${eol}{}${eol}0${eol}${eol}`],
    ['a chunk without end', ['Transfer-Encoding: chunked'], `${'f'.repeat(20)}${eol}{}`],
    ['a header of two lines', ['X-Long: a', ' b: c'], ''],
    ['a zero byte', ['X-Zero: a\0b'], ''],
    ['a bare carriage return', ['X-Return: a\rSet-Cookie: b'], ''],
    ['a name of a header that is none', ['X Y: a'], ''],
    ['more headers than fit', [`X-Big: ${'a'.repeat(20_000)}`], ''],
    ['an expectation', ['Content-Length: 2', 'Expect: 200-maybe'], '{}'],
  ])('%s: one refusal, and nothing that was hidden in it is answered', async (_what, headers, body) => {
    const heard = await talk(head('POST /v1/clusters HTTP/1.1', mine(), json, ...headers) + body)
    const [first, ...more] = statusesOf(heard)
    expect(first, heard).toBeGreaterThanOrEqual(400)
    expect(first, heard).toBeLessThan(500)
    expect(more).toEqual([])
  })

  test.each([
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(400, '\x07')],
    ['no version', 'GET /v1/clusters\r\n\r\n'],
    ['a version to come', head('GET / HTTP/9.9')],
    ['no method', head('%%% / HTTP/1.1')],
    ['no host', 'GET /v1/clusters HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a tunnel', head('CONNECT 10.0.0.1:22 HTTP/1.1')],
    ['a zero byte in the path', head('GET /v1/clusters/\0 HTTP/1.1')],
    ['a path longer than any', head(`GET /${'a'.repeat(20_000)} HTTP/1.1`)],
  ])('%s is refused or not heard', async (_what, text) => {
    const statuses = statusesOf(await talk(text))
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([])
    expect(statuses.length).toBeLessThan(2)
  })

  test.each([
    ['the whole server', 'OPTIONS * HTTP/1.1', [404, 405]],
    ['another scheme', 'GET file:///etc/passwd HTTP/1.1', [400]],
    ['a fragment', 'DELETE /v1/clusters/one#/nodegroups/x HTTP/1.1', [400]],
  ])('asked for %s, it knows of none', async (_what, line, statuses) => {
    const [status] = statusesOf(await talk(head(line, mine())))
    expect(statuses).toContain(status)
  })

  test.each([
    ['container-infra latest', 'container-infra 1.5'],
    ['container-infra 1.5\tx'],
    [`container-infra 1.${'9'.repeat(5000)}`],
    ['container-infra 1.-1'],
    ['container-infra 1.5e0'],
    ['container-infra 1.٣'],
    [','],
  ])('a version that is none: %j', async (...versions) => {
    const lines = versions.map((version) => `OpenStack-API-Version: ${version}`)
    const heard = await talk(head('GET /v1/clusters HTTP/1.1', mine(), ...lines))
    expect(statusesOf(heard), heard).toEqual([406])
  })
})

describe('paths', () => {
  const ways = [
    '/v1/../v1/clusters',
    '/v1/%2e%2e/v1/clusters',
    '/healthcheck/../v1/clusters',
    '/healthcheck%2f..%2fv1%2fclusters',
    '/healthcheck%3f/v1/clusters',
    '/v1.json/../clusters',
    '/v1/clusters%00',
    '/v1/clusters%2f',
    '/v1/clusters/..%2f..%2fmetrics',
    '/v1/clusters/%252e%252e%252f',
    '/v1/clusters/%c0%ae%c0%ae/',
    '/v1/clusters/one%00',
    '/v1/clusters/one%0d%0aSet-Cookie:%20a=b',
    '/v1/clusters/__proto__',
    '/v1/clusters/constructor/nodegroups/__proto__',
    '/v1/quotas/__proto__/Cluster/x',
    '/v1/clusters;admin=true',
    '/v1\\clusters',
    '/V1/clusters',
    `/v1/clusters/${'a'.repeat(8000)}`,
    `/v1/clusters/${'%61'.repeat(1500)}`,
    `/v1${'/clusters'.repeat(900)}`,
    '/metrics',
    '/readyz',
  ]

  test.each(ways)('%s leads nowhere', async (path) => {
    const heard = await talk(head(`GET ${path} HTTP/1.1`, mine(), 'OpenStack-API-Version: container-infra latest'))
    expect([400, 404, 405, 414], heard).toContain(statusesOf(heard)[0])
    expect(heard).not.toMatch(/^set-cookie:/im)
  })

  test.each(ways)('%s is no way past a token', async (path) => {
    const heard = await talk(head(`GET ${path} HTTP/1.1`))
    expect([400, 401, 414], heard).toContain(statusesOf(heard)[0])
  })

  test.each([
    `limit=${'9'.repeat(300)}`,
    'limit=-1',
    'limit=1e9',
    'limit=NaN',
    'limit=1&limit=2',
    'limit=1&'.repeat(1500),
    'marker=../../x',
    'marker=%00',
    `marker=${'{'.repeat(4000)}`,
    'sort_key=__proto__',
    'sort_key=constructor',
    'sort_key=spec.template',
    'sort_dir=asc%00',
    `${'a%5b%5d='.repeat(1000)}`,
    '__proto__[admin]=1',
    '%ff=%fe',
  ])('?%s is refused', async (query) => {
    const heard = await talk(head(`GET /v1/clusters?${query} HTTP/1.1`, mine()))
    expect([400, 404], heard).toContain(statusesOf(heard)[0])
  })
})

test(`a token that is one but for a letter is none, seed ${seed}`, async () => {
  const next = random(seed)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // Not at the very end: there base64 has bits that mean nothing.
  const mutated = Array.from({ length: 40 }, () => {
    const at = Math.floor(next() * (token.length - 6))
    const others = letters.replace(token[at] ?? '', '')
    return token.slice(0, at) + others[Math.floor(next() * others.length)] + token.slice(at + 1)
  })
  const lines = [
    ...mutated.map((one) => `X-Auth-Token: ${one}`),
    ...[
      token.slice(1),
      token.slice(0, -8),
      token + token,
      token.toUpperCase(),
      `${token}.`,
      `${token} x`,
      `"${token}"`,
    ].map((one) => `X-Auth-Token: ${one}`),
    ...['', 'null', '*', "' or 1=1", '../../v3', `${token}\xff`, 'a'.repeat(9000)].map((one) => `X-Auth-Token: ${one}`),
    `X-Auth-Token: ${token}${eol}X-Auth-Token: ${token}`,
    `X-Subject-Token: ${token}`,
    `Authorization: Bearer ${token}`,
    `X-Identity-Status: Confirmed${eol}X-User-Id: admin${eol}X-Roles: admin`,
    `X-Service-Token: ${token}`,
    `${mine()}${eol}X-Service-Token: ${mutated[0]}`,
  ]
  for (const line of lines) {
    const heard = await talk(head('GET /v1/clusters HTTP/1.1', line))
    expect(statusesOf(heard), line).toEqual([401])
  }
})

describe('bodies', () => {
  const many = (count: number, text: string): string => Array.from({ length: count }, () => text).join(',')
  const labels = (value: string): string => `{"name":"t","coe":"kubernetes","image_id":"coreos","labels":${value}}`
  const replaced = (path: string, value: unknown): string => JSON.stringify([{ op: 'replace', path, value }])
  const one = (): string => `/v1/clusters/${cluster}`

  test.each<[string, 'POST' | 'PATCH', string, string]>([
    ['lists in lists', 'POST', '/v1/clusters', '['.repeat(120_000)],
    ['objects in objects', 'POST', '/v1/clusters', '{"a":'.repeat(40_000) + 1 + '}'.repeat(40_000)],
    ['a long list', 'POST', '/v1/clusters', `[${many(120_000, '0')}]`],
    [
      'many fields',
      'POST',
      '/v1/clusters',
      `{${Array.from({ length: 15_000 }, (_, at) => `"field${at}":0`).join(',')}}`,
    ],
    ['one field many times', 'POST', '/v1/clusters', `{${many(20_000, '"name":"a"')}}`],
    ['fields of every object', 'POST', '/v1/clusters', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}'],
    ['a long name', 'POST', '/v1/clusters', `{"cluster_template_id":"small","name":"${'a'.repeat(250_000)}"}`],
    ['a name of zero bytes', 'POST', '/v1/clusters', '{"cluster_template_id":"small","name":"a\\u0000"}'],
    ['half a letter', 'POST', '/v1/clusters', '{"cluster_template_id":"\\ud800"}'],
    ['a number without end', 'POST', '/v1/clusters', `{"cluster_template_id":"small","node_count":1e400}`],
    [
      'a number of many digits',
      'POST',
      '/v1/clusters',
      `{"cluster_template_id":"small","node_count":${'9'.repeat(100_000)}}`,
    ],
    [
      'digits as a text',
      'POST',
      '/v1/clusters',
      `{"cluster_template_id":"small","node_count":"${'1_'.repeat(60_000)}1"}`,
    ],
    [
      'spaces for a number',
      'POST',
      '/v1/clusters',
      `{"cluster_template_id":"small","node_count":"${' '.repeat(200_000)}"}`,
    ],
    ['dashes for a UUID', 'POST', '/v1/clusters', `{"cluster_template_id":"small","uuid":"${'-'.repeat(200_000)}"}`],
    [
      'commas for addresses',
      'POST',
      '/v1/clustertemplates',
      `{"image_id":"coreos","dns_nameserver":"${'1.1.1.1,'.repeat(25_000)}"}`,
    ],
    ['labels in labels', 'POST', '/v1/clustertemplates', labels('{"a":{"b":{}}}')],
    ['more labels than an object holds', 'POST', '/v1/clustertemplates', labels(`{"a":"${'x'.repeat(240_000)}"}`)],
    [
      'a request for a certificate that is none',
      'POST',
      '/v1/certificates',
      `{"cluster_uuid":"one","csr":"-----BEGIN CERTIFICATE REQUEST-----\\n${'MIIB'.repeat(50_000)}\\n-----END CERTIFICATE REQUEST-----"}`,
    ],
    ['patches without end', 'PATCH', 'one', `[${many(5000, '{"op":"add","path":"/labels/a","value":"b"}')}]`],
    ['a path without end', 'PATCH', 'one', replaced('/a'.repeat(60_000), 'x')],
    ['a path into every object', 'PATCH', 'one', replaced('/labels/__proto__/isAdmin', 'x')],
    ['a number in a patch', 'PATCH', 'one', '[{"op":"replace","path":"/node_count","value":1e300}]'],
    ['no number in a patch', 'PATCH', 'one', replaced('/node_count', '9'.repeat(1000))],
    ['literals in literals', 'PATCH', 'one', replaced('/labels', '{"a":'.repeat(30_000))],
    ['lists in literals', 'PATCH', 'one', replaced('/labels', '['.repeat(200_000))],
    ['texts side by side', 'PATCH', 'one', replaced('/labels', `{'a': ${"'b' ".repeat(50_000)}`)],
    ['a text that never ends', 'PATCH', 'one', replaced('/labels', `'${'\\\\'.repeat(60_000)}`)],
    ['a number in a literal', 'PATCH', 'one', replaced('/labels', '1_1'.repeat(70_000))],
    ['a power in a literal', 'PATCH', 'one', replaced('/labels', '9**9**9**9')],
    ['code in a literal', 'PATCH', 'one', replaced('/labels', "__import__('os').system('id')")],
    ['code in health', 'PATCH', 'one', replaced('/health_status_reason', '{"a": open("/etc/passwd")}')],
    ['letters that are none', 'PATCH', 'one', replaced('/labels', "{'a': '\\U99999999'}")],
  ])('%s', async (_what, method, path, body) => {
    const response = await fetch(`${place.url}${path === 'one' ? one() : path}`, {
      method,
      headers: {
        'x-auth-token': token,
        'content-type': 'application/json',
        'openstack-api-version': 'container-infra latest',
      },
      body,
    })
    const text = await response.text()
    expect(response.status, text).toBeGreaterThanOrEqual(400)
    expect(response.status, text).toBeLessThan(500)
    expect(text).toMatch(/^\{"errors":\[\{/)
    // A big body does not come back whole.
    expect(text.length).toBeLessThan(20_000)
  })

  test('what is taken can be read, changed and deleted again, however strange', async () => {
    const strange = {
      'a\0b': 'c\0',
      '\ud800': '\udfff',
      ['x'.repeat(500)]: '',
      constructor: 'a',
      '': 'b',
      '../..': '\n',
    }
    const answer = await askOnce(place.url, token, {
      method: 'POST',
      path: '/clusters',
      body: { name: 'strange', cluster_template_id: 'small', labels: strange },
    })
    expect([202, 400], JSON.stringify(answer)).toContain(answer?.status)
    if (answer?.status !== 202) return
    const path = `/clusters/${String(answer.body['uuid'])}`
    expect(await askOnce(place.url, token, { path })).toMatchObject({ status: 200, body: { name: 'strange' } })
    expect(await askOnce(place.url, token, { method: 'DELETE', path })).toMatchObject({ status: 204 })
  })
})

describe('many at once', () => {
  test('bodies that are too much, of somebody and of nobody, leave nothing behind', async () => {
    const before = await place.memory()
    const body = Buffer.alloc(255_000, '[')
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, at) => {
          const headers = { 'content-type': 'application/json', ...(at % 2 === 0 ? { 'x-auth-token': token } : {}) }
          const response = await fetch(`${place.url}/v1/clusters`, { method: 'POST', headers, body }).catch(
            () => undefined,
          )
          await response?.arrayBuffer().catch(() => undefined)
          if (response !== undefined) expect([400, 401]).toContain(response.status)
        }),
      )
    }
    // 100 MB were sent.
    expect((await place.memory()) - before).toBeLessThan(150 * MB)
  })

  test('who sends slowly, and who never reads, keeps nobody else waiting', async () => {
    const before = await place.memory()
    const slow = Array.from({ length: 300 }, (_, at) => {
      const socket = opened()
      const whole = head(
        'POST /v1/clusters HTTP/1.1',
        mine(),
        'Content-Type: application/json',
        'Content-Length: 200000',
      )
      socket.write(at % 2 === 0 ? whole.slice(0, 40) : `${whole}{`)
      return socket
    })
    const asked = `GET /v1/clusters/detail HTTP/1.1${eol}Host: x${eol}${mine()}${eol}${eol}`
    const deaf = Array.from({ length: 20 }, () => {
      const socket = opened().pause()
      socket.write(asked.repeat(300))
      return socket
    })
    const connecting = [...slow, ...deaf].filter((socket) => socket.connecting)
    await Promise.all(connecting.map(async (socket) => await once(socket, 'connect')))
    for (let times = 0; times < 20; times += 1)
      expect(await askOnce(place.url, token, { path: '/clusters' })).toMatchObject({ status: 200 })
    expect((await place.memory()) - before).toBeLessThan(200 * MB)
    for (const socket of [...slow, ...deaf]) socket.destroy()
  })
})
