import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../test/fakes/openstack/index.ts'
import { CroqueError } from '../errors/index.ts'
import { type ConnectOptions, connect, connectService, type OpenStack } from './index.ts'

let fake: FakeOpenStack
let opened: OpenStack[]

beforeEach(async () => {
  fake = await startFakeOpenStack()
  opened = []
})

afterEach(async () => {
  for (const cloud of opened) cloud.close()
  await fake.close()
})

function open(options: Partial<ConnectOptions> = {}): OpenStack {
  const cloud = connect({
    authUrl: fake.authUrl,
    username: 'admin',
    password: fake.password,
    project: 'admin',
    retryMs: 2000,
    ...options,
  })
  opened.push(cloud)
  return cloud
}

const logins = (): number => fake.calls.filter((call) => call.path === '/auth/tokens').length

async function failure(work: Promise<unknown>): Promise<CroqueError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof CroqueError) return error
  throw new Error(`expected a CroqueError, got ${String(error)}`)
}

describe('the token', () => {
  it('is fetched once for calls that start together', async () => {
    const cloud = open()
    await Promise.all([cloud.compute.flavors(), cloud.network.agents(), cloud.image.list({})])
    expect(logins()).toBe(1)
  })

  it('is renewed when the service refuses it, once for all calls in flight', async () => {
    const cloud = open()
    await cloud.compute.flavors()
    fake.state.tokens.clear()
    await Promise.all([cloud.compute.flavors(), cloud.network.agents(), cloud.placement.providers()])
    expect(logins()).toBe(2)
  })

  it('is asked for again after a failed login', async () => {
    const cloud = open({ retryMs: 0 })
    let first = true
    fake.behaviour.fault = () => {
      if (!first) return undefined
      first = false
      return { status: 500, body: { error: { message: 'database away' } } }
    }
    expect((await failure(cloud.identity.whoami())).code).toBe('openstack-call-failed')
    expect((await cloud.identity.whoami()).user.name).toBe('admin')
  })
})

describe('calls that fail', () => {
  it.each(['drop-before', 'drop-after', { status: 502 }, { status: 503 }, { status: 504 }] as const)(
    '%o: a GET is made again',
    async (fault) => {
      let left = 2
      const cloud = open()
      await cloud.identity.whoami()
      fake.behaviour.fault = () => {
        left -= 1
        return left >= 0 ? fault : undefined
      }
      expect(await cloud.compute.flavors()).toEqual([])
    },
  )

  it.each([502, 504, 500])('%i: a POST is not made twice', async (status) => {
    const cloud = open()
    let asked = 0
    fake.behaviour.fault = (call) => {
      if (call.path !== '/v2.0/networks') return undefined
      asked += 1
      return { status }
    }
    expect((await failure(cloud.network.createNetwork({ name: 'one', description: '' }))).code).toBe(
      'openstack-call-failed',
    )
    expect(asked).toBe(1)
  })

  it('503: a POST is made again, since nothing was done', async () => {
    const cloud = open()
    let left = 1
    fake.behaviour.fault = (call) => {
      if (call.path !== '/v2.0/networks') return undefined
      left -= 1
      return left >= 0 ? { status: 503 } : undefined
    }
    expect((await cloud.network.createNetwork({ name: 'one', description: '' })).name).toBe('one')
  })

  it('gives up after the time allowed, naming the call and nothing secret', async () => {
    const cloud = open({ retryMs: 300 })
    const { password } = fake
    fake.behaviour.fault = (call) =>
      call.service === 'compute' ? { status: 503, body: { e: { message: `busy ${password}` } } } : undefined
    const error = await failure(cloud.compute.flavors())
    expect(error.code).toBe('openstack-call-failed')
    expect(error.message).toContain('GET compute /flavors/detail')
    expect(error.why).toContain('req-fake')
    expect(`${error.message} ${error.why}`).not.toContain(password)
  })

  it('says that nobody answers', async () => {
    const cloud = open({ retryMs: 200, authUrl: 'http://127.0.0.1:1/identity' })
    const error = await failure(cloud.identity.whoami())
    expect(error.code).toBe('openstack-unreachable')
    expect(error.why).toContain('ECONNREFUSED')
  })

  it('says that the password is wrong', async () => {
    const error = await failure(open({ password: 'wrong password' }).identity.whoami())
    expect(error.code).toBe('openstack-login-refused')
    expect(`${error.message} ${error.why}`).not.toContain('wrong password')
  })

  it('says what the catalog has when a service is not in it', async () => {
    const error = await failure(open().request('dns', 'GET', '/v2/zones'))
    expect(error.code).toBe('openstack-endpoint-missing')
    expect(error.why).toContain('compute')
  })

  it('ends at once when it is told to', async () => {
    const stop = new AbortController()
    const cloud = open({ signal: stop.signal, retryMs: 60_000 })
    await cloud.identity.whoami()
    fake.behaviour.fault = () => ({ status: 503 })
    setTimeout(() => stop.abort(new Error('stopped')), 50)
    await expect(cloud.compute.flavors()).rejects.toThrow(/stopped|abort/i)
  })

  it('limits the silence of a service', async () => {
    const cloud = open({ timeoutMs: 100, retryMs: 0 })
    await cloud.identity.whoami()
    fake.behaviour.delay = () => 1000
    const error = await failure(cloud.compute.flavors())
    expect(error.why).toContain('ETIMEDOUT')
  })
})

describe('a service with the tokens of others', () => {
  const service = () =>
    connectService({
      authUrl: fake.authUrl,
      username: 'magnum',
      password: fake.password,
      project: 'service',
      retryMs: 0,
    })

  it('uses them as they are, and never logs in anew for them', async () => {
    const connection = service()
    const ann = { id: 'u1', name: 'ann', domain: { id: 'default' } }
    const token = fake.issue({ user: ann, roles: [{ name: 'member' }] })
    const cloud = connection.forwarding(token)
    expect((await cloud.identity.whoami()).user.name).toBe('ann')
    await cloud.compute.flavors()
    expect(fake.calls.at(-1)?.headers).toMatchObject({ 'x-auth-token': token })
    expect(fake.calls.at(-1)?.headers).not.toHaveProperty('x-service-token')
    fake.state.tokens.delete(token)
    expect((await failure(cloud.compute.flavors())).code).toBe('openstack-call-failed')
    const unknown = connection.forwarding('none')
    expect((await failure(unknown.compute.flavors())).code).toBe('openstack-login-refused')
    expect((await connection.own.identity.whoami()).user.name).toBe('admin')
    connection.close()
  })

  it('asks Keystone about each of them once', async () => {
    const connection = service()
    const tokens = [fake.issue(), fake.issue()] as const
    for (const token of [...tokens, ...tokens]) await connection.forwarding(token).compute.flavors()
    const asked = fake.calls.filter(({ method, path }) => method === 'GET' && path.endsWith('/auth/tokens'))
    expect(asked.map(({ headers }) => headers['x-subject-token'])).toEqual(tokens)
    const { body } = await connection.own.request('identity', 'GET', '/auth/tokens', {
      headers: { 'x-subject-token': tokens[0] },
    })
    const other = service()
    other.note(tokens[0], body)
    const before = fake.calls.length
    await other.forwarding(tokens[0]).compute.flavors()
    expect(fake.calls.slice(before).filter(({ path }) => path.endsWith('/auth/tokens'))).toMatchObject([
      // Its own login, to see whether it is a service.
      { method: 'POST' },
    ])
    other.close()
    connection.close()
  })

  it('asks again after five minutes, however often the token was used', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const connection = service()
      const token = fake.issue()
      const asked = (): number =>
        fake.calls.filter(({ method, path }) => method === 'GET' && path.endsWith('/auth/tokens')).length
      await connection.forwarding(token).compute.flavors()
      for (const minutes of [2, 2]) {
        vi.setSystemTime(Date.now() + minutes * 60_000)
        await connection.forwarding(token).compute.flavors()
      }
      expect(asked()).toBe(1)
      vi.setSystemTime(Date.now() + 60_001)
      await connection.forwarding(token).compute.flavors()
      expect(asked()).toBe(2)
      connection.close()
    } finally {
      vi.useRealTimers()
    }
  })

  it('shows its own token beside when its user has the role of services', async () => {
    const connection = service()
    fake.state.loginRoles = ['Service', 'admin']
    await connection.forwarding(fake.issue()).compute.flavors()
    const [borrowed] = fake.state.issued.keys()
    expect(fake.state.tokens.has(String(fake.calls.at(-1)?.headers['x-service-token']))).toBe(true)
    expect(fake.calls.at(-1)?.headers['x-service-token']).not.toBe(borrowed)
    connection.close()
  })

  it('hides them in what is told of a failed call', async () => {
    const connection = service()
    const token = fake.issue()
    const cloud = connection.forwarding(token)
    await cloud.identity.whoami()
    fake.behaviour.fault = () => ({ status: 400, body: { badRequest: { message: `no ${token}` } } })
    const error = await failure(cloud.compute.flavors())
    expect(error.why).toContain('no ')
    expect(error.why).not.toContain(token)
    connection.close()
  })

  it('a token of no project is told so', async () => {
    const connection = service()
    const error = await failure(connection.forwarding(fake.issue({ project: undefined })).compute.flavors())
    expect(error.code).toBe('openstack-login-refused')
    connection.close()
  })
})
