import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { CroqueError } from '../../../errors/index.ts'
import { createCa, issueServer } from '../../../pki/index.ts'
import { ConflictError } from '../../model/index.ts'
import type { ApiReply } from '../route.ts'
import { type TestServer, testServer } from './fixture.ts'
import { stopApiServer } from './server.ts'

let server: TestServer | undefined
afterEach(async () => {
  await server?.app.close()
  server = undefined
})

interface Asked {
  readonly method?: string
  readonly url: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: unknown
}

async function ask({ method = 'GET', url, token = 'member', headers = {}, payload }: Asked): Promise<Answered> {
  server ??= testServer()
  const all = { accept: 'application/json', ...(token === '' ? {} : { 'x-auth-token': token }), ...headers }
  const answer = await server.app.inject({
    method: method as 'GET',
    url,
    headers: all,
    ...(payload === undefined ? {} : { payload }),
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body === '' ? undefined : parsed(answer.body),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const first = ({ body }: Answered): unknown => (body as { readonly errors: readonly unknown[] }).errors[0]
const json = { 'content-type': 'application/json' }
const at = (version: string): Readonly<Record<string, string>> => ({
  'openstack-api-version': `container-infra ${version}`,
})

describe('the way in', () => {
  test.each(['/', '/v1', '/v1/', '/healthcheck'])('%s needs no token', async (url) => {
    expect(await ask({ url, token: '' })).toMatchObject({ status: 200 })
  })

  test.each(['/v1/clusters', '/clusters', '/zzz', '/v1/zzz', '/v1.json/x', '/%76%31/clusters'])(
    '%s does',
    async (url) => {
      const { status, headers, body } = await ask({ url, token: '' })
      expect(status).toBe(401)
      expect(headers).toMatchObject({ 'www-authenticate': 'Keystone uri="http://keystone"' })
      expect(body).toEqual({
        error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
      })
    },
  )

  test('load balancers may ask by HEAD', async () => {
    expect(await ask({ method: 'HEAD', url: '/healthcheck', token: '' })).toMatchObject({ status: 200 })
  })

  test('who is not ready says so', async () => {
    let isReady = false
    server = testServer({ isReady: () => isReady })
    expect(await ask({ url: '/healthcheck', token: '' })).toMatchObject({ status: 503, body: 'not ready' })
    isReady = true
    expect(await ask({ url: '/healthcheck', token: '' })).toMatchObject({ status: 200, body: 'OK' })
  })

  test('a body of nobody is not read', async () => {
    expect(
      await ask({ method: 'POST', url: '/v1/clusters', token: '', headers: json, payload: 'x'.repeat(300_000) }),
    ).toMatchObject({ status: 401 })
  })

  test.each(['/v1/clusters', '/v1/clusters/', '/clusters', '/clusters/', '//v1//clusters'])(
    '%s is the list',
    async (url) => {
      expect(await ask({ url })).toMatchObject({
        status: 200,
        body: { params: {}, minor: 1, baseUrl: 'http://localhost:80' },
      })
    },
  )

  test('parameters are decoded, names may be long', async () => {
    expect(await ask({ url: '/v1/clusters/%C3%A9%20x' })).toMatchObject({ body: { params: { cluster: 'é x' } } })
    expect(await ask({ url: `/v1/clusters/${'n'.repeat(255)}` })).toMatchObject({ status: 200 })
  })

  test('every answer has a request id; one that was sent is told to the log and not believed', async () => {
    const global = 'req-5d12f6fd-a196-4bf0-ae4c-1f639a523a52'
    const { headers, body } = await ask({ url: '/v1/clusters', headers: { 'x-openstack-request-id': global } })
    expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/)
    expect(headers['x-openstack-request-id']).not.toBe(global)
    expect(body).toMatchObject({ requestId: headers['x-openstack-request-id'] })
    await ask({ url: '/v1/clusters', headers: { 'x-openstack-request-id': 'x\ny' } }).catch(() => undefined)
    await ask({ url: '/zzz', token: '', headers: { 'x-openstack-request-id': 'nonsense' } })
    expect(server?.log[0]).toMatchObject({ globalRequestId: global })
    expect(server?.log.at(-1)).not.toHaveProperty('globalRequestId')
  })

  test('what is sent as Host is repeated only when it looks like one', async () => {
    expect(await ask({ url: '/v1/clusters', headers: { host: 'api.cloud:9511' } })).toMatchObject({
      body: { baseUrl: 'http://api.cloud:9511' },
    })
    expect(await ask({ url: '/v1/clusters', headers: { host: 'a"><script>' } })).toMatchObject({
      body: { baseUrl: 'http://localhost' },
    })
    await server?.app.close()
    server = testServer({ publicUrl: 'https://cloud/container-infra/' })
    expect(await ask({ url: '/v1/clusters', headers: { host: 'evil' } })).toMatchObject({
      body: { baseUrl: 'https://cloud/container-infra' },
    })
  })
})

// As Magnum 22.0.0 answers.
describe('the router', () => {
  const word = (status: number): string => ({ 404: 'Not Found', 405: 'Method Not Allowed' })[status] ?? ''

  test.each([
    ['GET', '/zzz', 404, undefined],
    ['GET', '/v1.json', 404, undefined],
    ['GET', '/v1/clusters.json', 404, undefined],
    ['GET', '/v1/clusters/x/y', 404, undefined],
    ['DELETE', '/v1/clusters/x/y', 404, undefined],
    ['GET', '/v1/clusters/detail/x', 404, undefined],
    ['GET', '/v1/quotas/a/b/c', 404, undefined],
    ['PUT', '/v1/clusters', 405, 'DELETE, GET, PATCH, POST'],
    ['PUT', '/v1/clusters/x', 405, 'DELETE, GET, PATCH, POST'],
    ['OPTIONS', '/v1/clusters', 405, 'DELETE, GET, PATCH, POST'],
    ['PROPFIND', '/v1/clusters', 405, 'DELETE, GET, PATCH, POST'],
    ['PUT', '/v1/zzz', 405, 'GET'],
    ['POST', '/v1', 405, 'GET'],
    ['DELETE', '/', 405, 'GET'],
    ['GET', '/v1/stats/x', 405, 'GET'],
    ['DELETE', '/v1/stats', 405, 'GET'],
    ['GET', '/v1/certificates', 405, 'GET, PATCH, POST'],
    ['DELETE', '/v1/certificates/x', 405, 'GET, PATCH, POST'],
    ['GET', '/v1/clusters/x/actions/resize', 405, ''],
    ['GET', '/v1/clusters/x/actions', 405, ''],
    ['POST', '/v1/clusters/x/actions/zzz', 405, ''],
    ['GET', '/v1/bays', 404, undefined],
  ])('%s %s: %i', async (method, url, status, allow) => {
    const answered = await ask({ method, url, headers: at('1.12') })
    expect(answered.status).toBe(status)
    expect(answered.headers['allow']).toBe(allow)
    expect(answered.headers).not.toHaveProperty('openstack-api-version')
    expect(answered.body).toEqual({
      errors: [{ request_id: '', code: '', status, title: word(status), detail: '', links: [] }],
    })
  })

  test('HEAD is not allowed', async () => {
    expect(await ask({ method: 'HEAD', url: '/v1/clusters' })).toMatchObject({ status: 405, body: undefined })
  })

  test('who takes anything gets no words', async () => {
    const answered = await ask({ url: '/zzz', headers: { accept: '*/*' } })
    expect(first(answered)).toMatchObject({ status: 404, title: '', detail: '' })
  })

  test.each([
    ['DELETE', '/v1/clusters', 'cluster_ident'],
    ['PATCH', '/v1/clusters', 'cluster_ident'],
    ['PATCH', '/v1/certificates', 'cluster_ident'],
    ['DELETE', '/v1/clusters/x/nodegroups', 'nodegroup_id'],
    ['GET', '/v1/quotas/a', 'resource'],
    ['DELETE', '/v1/quotas', 'project_id'],
    ['DELETE', '/v1/quotas/a', 'resource'],
  ])('%s %s misses %s', async (method, url, name) => {
    const answered = await ask({ method, url, headers: at('1.12') })
    expect(answered.headers['openstack-api-version']).toBe('container-infrastructure-management 1.12')
    expect(first(answered)).toMatchObject({ status: 400, code: 'client', detail: `Missing argument: "${name}"` })
  })

  test.each([
    ['GET', '/v1/clusters/x/nodegroups', '1.8', 'delete'],
    ['GET', '/v1/clusters/x/nodegroups/', '1.1', 'delete'],
    ['POST', '/v1/clusters/x/actions/resize', '1.6', 'resize'],
    ['PATCH', '/v1/credentials/x', '1.1', 'patch'],
    ['GET', '/v1/credentials', '1.1', 'patch'],
  ])('%s %s is not of %s', async (method, url, version, api) => {
    const answered = await ask({ method, url, headers: at(version) })
    expect(answered.status).toBe(406)
    expect(first(answered)).toMatchObject({
      title: 'Not Acceptable',
      detail: `Version ${version} was requested but the requested API ${api} is not supported for this version.`,
    })
  })

  test('bays are there until 1.10', async () => {
    expect(await ask({ url: '/v1/bays', headers: at('1.10') })).toMatchObject({ status: 200 })
    expect(await ask({ url: '/v1/bays', headers: at('1.11') })).toMatchObject({ status: 404 })
  })

  test.each(['text/html', 'application/xml'])('nothing but JSON can be had: %s', async (accept) => {
    expect(await ask({ url: '/v1/clusters', headers: { accept } })).toMatchObject({
      status: 406,
      body: { errors: [{ title: '', detail: '' }] },
    })
  })

  test('versions that are not spoken are told, with what is', async () => {
    const answered = await ask({ url: '/v1/zzz', headers: at('1.99') })
    expect(answered.status).toBe(406)
    expect(answered.headers['openstack-api-version']).toBe('container-infrastructure-management 1.99')
    expect(first(answered)).toMatchObject({ code: 'magnum.microversion-unsupported', max_version: '1.14' })
    expect(first(await ask({ url: '/v1/clusters', headers: { 'openstack-api-version': '1.5' } }))).toMatchObject({
      status: 406,
      detail: 'Invalid service type for OpenStack-API-Version header',
    })
  })

  test('discovery takes no arguments', async () => {
    expect(first(await ask({ url: '/v1?foo=1' }))).toMatchObject({ status: 400, detail: 'Unknown argument: "foo"' })
    expect(await ask({ url: '/', headers: { 'openstack-api-version': 'nonsense' } })).toMatchObject({ status: 200 })
  })
})

describe('bodies', () => {
  const post = async (payload: string, headers: Readonly<Record<string, string>> = json): Promise<Answered> =>
    ask({ method: 'POST', url: '/v1/clusters', payload, headers })

  test.each([
    ['JSON', '{"a":1}', json, { a: 1 }],
    ['JSON with a charset', '[]', { 'content-type': 'application/json; charset=utf-8' }, []],
    ['what WSME takes for JSON', '1', { 'content-type': 'text/javascript' }, 1],
  ])('%s', async (_name, payload, headers, body) => {
    expect(await post(payload, headers)).toMatchObject({ status: 200, body: { body } })
  })

  test.each([
    ['no JSON', '{', json, 400, 'Request is not in valid JSON format'],
    ['NaN', 'NaN', json, 400, 'Request is not in valid JSON format'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'Unknown mimetype: text/plain'],
    ['a form', 'a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'Unknown argument: "a, b"'],
    ['a bomb', '['.repeat(100_000) + ']'.repeat(100_000), json, 400, 'Request is nested more than 20 levels deep'],
    ['too much', `"${'x'.repeat(300_000)}"`, json, 413, 'Request body is too large'],
  ])('refused: %s', async (_name, payload, headers, status, detail) => {
    expect(first(await post(payload, headers))).toMatchObject({ status, code: 'client', detail })
  })

  test('an empty one of a delete may have any type', async () => {
    const headers = { 'content-type': 'application/octet-stream' }
    expect(await ask({ method: 'DELETE', url: '/v1/clusters/x', headers, payload: '' })).toMatchObject({ status: 200 })
  })

  test('no name of a body reaches a prototype', async () => {
    const answered = await post('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    expect(answered.status).toBe(200)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('what goes wrong', () => {
  test('refusals of routes are in the form of Magnum, with the version that was spoken', async () => {
    const answered = await ask({ url: '/v1/refused' })
    expect(answered.headers).toMatchObject({
      'openstack-api-version': 'container-infrastructure-management 1.1',
      vary: 'OpenStack-API-Version',
    })
    expect(first(answered)).toEqual({
      request_id: '',
      code: 'client',
      status: 409,
      title: 'No',
      detail: 'No. Not now.',
      links: [],
    })
  })

  test('what nobody expected is told to the log, not to the caller', async () => {
    const answered = await ask({ url: '/v1/broken' })
    expect(first(answered)).toMatchObject({ status: 500, code: 'server' })
    expect(JSON.stringify(answered)).not.toContain('secret')
    expect(server?.log).toContainEqual(
      expect.objectContaining({ kind: 'error', error: expect.objectContaining({ message: 'a secret detail' }) }),
    )
  })

  test.each<[string, Error, number]>([
    ['somebody was quicker', new ConflictError('version 3 is there'), 409],
    [
      'a service that does not answer',
      new CroqueError('openstack-unreachable', { what: 'GET identity /projects' }),
      503,
    ],
    ['state that cannot be reached', new CroqueError('kube-unreachable', { what: 'https://10.0.0.1 is down' }), 503],
    ['state whose keeper does not know its rules yet', new CroqueError('kube-forbidden', { what: 'GET leases' }), 503],
    ['state whose keeper does not know us yet', new CroqueError('kube-unauthorized', { what: 'GET leases' }), 503],
    [
      'state that may be older than what was written',
      new CroqueError('clusters-stale', { what: 'it is not known' }),
      503,
    ],
    ['a mistake of ours', new CroqueError('kube-invalid', { what: 'a field' }), 500],
  ])('%s', async (_name, error, status) => {
    const handle = async (): Promise<never> => await Promise.reject(error)
    server = testServer({ routes: [{ method: 'GET', path: '/clusters', name: 'test', handle }] })
    const answered = await ask({ url: '/v1/clusters' })
    expect(answered.status).toBe(status)
    expect(JSON.stringify(answered.body)).not.toContain(error.message)
  })

  test.each(['/v1/clusters/%zz', '/v1/clusters/%FF'])('a URL that cannot be read: %s', async (url) => {
    const answered = await ask({ url, token: '' })
    expect(first(answered)).toMatchObject({ status: 400 })
    expect(answered.headers['x-openstack-request-id']).toMatch(/^req-/)
  })

  test('a caller may send so much; another one goes on', async () => {
    server = testServer({ rateLimit: { perSecond: 0.001, burst: 2 } })
    const statuses = [
      await ask({ url: '/v1/clusters' }),
      await ask({ url: '/v1/clusters' }),
      await ask({ url: '/v1/clusters' }),
    ]
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(Number(statuses[2]?.headers['retry-after'])).toBeGreaterThan(0)
    expect(await ask({ url: '/v1/clusters', token: 'other' })).toMatchObject({ status: 200 })
  })
})

describe('what is left of a request', () => {
  test('a line for each, an audit line for every change, nothing secret', async () => {
    await ask({ url: '/v1/clusters' })
    await ask({ method: 'POST', url: '/v1/clusters', payload: '{"secret":"body"}', headers: json })
    await ask({ method: 'DELETE', url: '/v1/clusters/x', token: '' })
    const log = server?.log ?? []
    expect(log.map(({ kind }) => kind)).toEqual(['request', 'request', 'audit', 'request'])
    expect(log[2]).toMatchObject({
      route: 'test:post',
      userId: 'user',
      projectId: 'project',
      status: 200,
      outcome: 'success',
    })
    expect(JSON.stringify(log)).not.toMatch(/secret|"member"/)
  })

  test('metrics by route, method and status; callers cannot make series', async () => {
    await ask({ url: '/v1/clusters/a' })
    await ask({ url: '/v1/clusters/b' })
    await ask({ url: '/v1/nonsense/1' })
    await ask({ method: 'PROPFIND', url: '/v1/nonsense/2' })
    const text = server?.metrics.expose() ?? ''
    expect(text).toContain('croque_api_requests_total{method="GET",route="test:get",status="200"} 2\n')
    expect(text).toContain('croque_api_requests_total{method="GET",route="none",status="404"} 1\n')
    expect(text).toContain('croque_api_requests_total{method="other",route="none",status="405"} 1\n')
    expect(text).toContain('croque_api_request_seconds_count{route="test:get"} 2\n')
    expect(text).not.toContain('nonsense')
  })
})

describe('over a connection', () => {
  async function listen(options: Parameters<typeof testServer>[0] = {}): Promise<number> {
    server = testServer(options)
    await server.app.listen({ host: '127.0.0.1', port: 0 })
    const address = server.app.server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  /** All that comes until the other side closes. */
  async function talk(port: number, text: string): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    socket.write(text)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += String(chunk)
    })
    // A reset is also an end.
    await new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve()))
    return heard
  }

  test('who does not get to the end of the headers is sent away', async () => {
    const port = await listen({ timeouts: { headers: 100, request: 200 } })
    expect(await talk(port, 'GET /v1/clusters HTTP/1.1\r\nHost: x\r\n')).toContain('408')
  })

  test('who does not get to the end of the body is sent away', async () => {
    const port = await listen({ timeouts: { headers: 100, request: 200 } })
    const head =
      'POST /v1/clusters HTTP/1.1\r\nHost: x\r\nX-Auth-Token: member\r\nContent-Type: application/json\r\nContent-Length: 9'
    expect(await talk(port, `${head}\r\n\r\n{`)).toContain('408')
  })

  test('with a certificate it speaks TLS, with the same patience', async () => {
    const ca = await createCa({ commonName: 'ca', days: 1, now: new Date() })
    const names = { dnsNames: ['localhost'], ipAddresses: [] }
    const { cert, key } = await issueServer({ commonName: 'api', days: 1, now: new Date(), ca, ...names })
    const port = await listen({ tls: { cert, key }, timeouts: { headers: 100, request: 200 } })
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert })
    socket.write('POST /v1 HTTP/1.1\r\nHost: x\r\nX-Auth-Token: member\r\nContent-Length: 9\r\n\r\n{')
    let heard = ''
    for await (const chunk of socket) heard += String(chunk)
    expect(socket.authorizationError ?? undefined).toBeUndefined()
    expect(heard).toContain('408')
  })

  test('headers without end are refused', async () => {
    const port = await listen()
    expect(
      await talk(
        port,
        `GET / HTTP/1.1
Host: x
X: ${'a'.repeat(100_000)}

`,
      ),
    ).toMatch(/^(HTTP.1.1 4(00|31) |$)/)
  })

  test('what smells of smuggling is refused', async () => {
    const port = await listen()
    const text = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(await talk(port, text)).toContain('400')
  })

  test('a fragment, where routers end and access rules do not, is refused', async () => {
    const port = await listen()
    const text =
      'DELETE /v1/clusters/x#/nodegroups/y HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: member\r\n\r\n'
    expect(await talk(port, text)).toMatch(/^HTTP.1.1 400 /)
    expect(server?.log.filter(({ kind }) => kind === 'audit')).toEqual([])
  })

  test('a connection that says nothing does not keep the server from stopping', async () => {
    const port = await listen()
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /v1')
    await new Promise<void>((resolve) => server?.app.server.once('connection', () => resolve()))
    await stopApiServer(server?.app ?? testServer().app, 10)
    socket.destroy()
  })

  test('closing lets the request that is under way end', async () => {
    let reached = (): void => undefined
    const begun = new Promise<void>((resolve) => {
      reached = resolve
    })
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const handle = async (): Promise<ApiReply> => {
      reached()
      await held
      return { status: 200 }
    }
    const port = await listen({ routes: [{ method: 'GET', path: '/clusters', name: 'test', handle }] })
    const answer = talk(port, 'GET /v1/clusters HTTP/1.1\r\nHost: x\r\nX-Auth-Token: member\r\n\r\n')
    await begun
    const closed = server?.app.close()
    letGo()
    expect(await answer).toContain('200 OK')
    await closed
  })
})
