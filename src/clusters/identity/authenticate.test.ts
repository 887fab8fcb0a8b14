import type { IncomingHttpHeaders } from 'node:http'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connect, type OpenStack } from '../../openstack/index.ts'
import { AuthenticationError, type AuthenticatorOptions, authenticator, type Caller } from './index.ts'

let fake: FakeOpenStack
let keystone: OpenStack
let now: number
let reports: string[]

beforeEach(async () => {
  fake = await startFakeOpenStack()
  keystone = connect({
    authUrl: fake.authUrl,
    username: 'magnum',
    password: fake.password,
    project: 'service',
    retryMs: 0,
  })
  now = Date.now()
  reports = []
})

afterEach(async () => {
  keystone.close()
  await fake.close()
})

const identityUrl = 'https://cloud/identity'

interface Asked {
  readonly headers?: IncomingHttpHeaders
  readonly method?: string
  readonly path?: string
}

function door(options: Partial<AuthenticatorOptions> = {}): (asked?: Asked) => Promise<Caller> {
  const { authenticate } = authenticator({
    keystone,
    identityUrl,
    isAdmin: ({ roles }) => roles.includes('admin'),
    now: () => now,
    report: (problem) => reports.push(problem),
    ...options,
  })
  return ({ headers = {}, method = 'GET', path = '/v1/clusters' } = {}) => authenticate({ headers, method, path })
}

const withToken = (token: string, more: IncomingHttpHeaders = {}): Asked => ({
  headers: { 'x-auth-token': token, ...more },
})

const looks = (): number => fake.calls.filter(({ path, method }) => path === '/auth/tokens' && method === 'GET').length

async function statusOf(work: Promise<Caller>): Promise<number> {
  return work.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof AuthenticationError) return error.reply.status
      throw error
    },
  )
}

const soon = (seconds: number): string => new Date(now + seconds * 1000).toISOString()
const ann = { id: 'u1', name: 'ann', domain: { id: 'default', name: 'Default' } }

describe('the caller', () => {
  test('of a project', async () => {
    const token = fake.issue({ user: ann, roles: [{ name: 'Member' }, { name: 'reader' }], expires_at: soon(60) })
    expect(await door()(withToken(` ${token} `))).toEqual({
      userId: 'u1',
      userName: 'ann',
      userDomainId: 'default',
      projectId: 'p-admin',
      projectName: 'admin',
      projectDomainId: 'default',
      roles: ['member', 'reader'],
      serviceRoles: [],
      isAdmin: false,
      token,
      expiresAt: new Date(soon(60)),
    })
  })

  test.each([
    ['a system', { project: undefined, system: { all: true } }, { systemScope: 'all', isAdmin: true }],
    ['a domain', { project: undefined, domain: { id: 'd1', name: 'one' } }, { domainId: 'd1' }],
    ['nothing', { project: undefined, roles: undefined, catalog: undefined }, { roles: [], isAdmin: false }],
    ['a trust', { 'OS-TRUST:trust': { id: 't1' } }, { trustId: 't1', projectId: 'p-admin' }],
    [
      'an application credential',
      { application_credential: { id: 'a1', name: 'one', restricted: true } },
      { applicationCredentialId: 'a1' },
    ],
  ])('of %s', async (_, given, expected) => {
    const caller = await door()(withToken(fake.issue(given)))
    expect(caller).toMatchObject(expected)
    if ('project' in given) expect(caller).not.toHaveProperty('projectId')
  })

  test('comes by X-Storage-Token too, and not by headers that only look like an answer of Keystone', async () => {
    const token = fake.issue()
    const forged = { 'x-roles': 'root', 'x-user-id': 'root', 'x-identity-status': 'Confirmed' }
    expect(await door()({ headers: { 'x-storage-token': token, ...forged } })).toMatchObject({ userId: 'u-admin' })
    expect(await statusOf(door()({ headers: forged }))).toBe(401)
  })
})

describe('401', () => {
  test('says where a token is to be had, and nothing else', async () => {
    const error: unknown = await door()({}).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      reply: {
        status: 401,
        headers: { 'www-authenticate': 'Keystone uri="https://cloud/identity"' },
        body: {
          error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
        },
      },
    })
  })

  test.each([
    ['nothing', ''],
    ['two tokens', 'one, two'],
    ['other letters', 'tokén'],
    ['a line', 'a\nb'],
    ['too much', 'a'.repeat(4097)],
  ])('for %s, without asking Keystone', async (_, token) => {
    expect(await statusOf(door()(withToken(token)))).toBe(401)
    expect(looks()).toBe(0)
  })

  test('for a token that ends now, is revoked or bound to something else', async () => {
    const ask = door()
    const revoked = fake.issue()
    fake.state.tokens.delete(revoked)
    const tokens = [fake.issue({ expires_at: soon(0) }), revoked, fake.issue({ bind: { kerberos: 'ann' } })]
    for (const token of tokens) expect(await statusOf(ask(withToken(token)))).toBe(401)
    expect(await statusOf(ask(withToken(fake.issue({ bind: { x509: 'ann' } }))))).toBe(200)
  })

  test('for any token that is one but for some letters', async () => {
    const token = fake.issue()
    const ask = door()
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.string({ unit: 'binary', maxLength: 3 }), async (at, letters) => {
        const mutated = token.slice(0, at) + letters + token.slice(at + 1)
        fc.pre(mutated.trim() !== token)
        expect(await statusOf(ask(withToken(mutated)))).toBe(401)
      }),
      { numRuns: 50 },
    )
  })
})

describe('what Keystone said', () => {
  test('is asked once for requests that come together, and believed for a while', async () => {
    const token = fake.issue({ expires_at: soon(3600) })
    const ask = door()
    await Promise.all(Array.from({ length: 20 }, () => ask(withToken(token))))
    expect(looks()).toBe(1)
    fake.state.tokens.delete(token)
    now += 299_000
    expect(await statusOf(ask(withToken(token)))).toBe(200)
    now += 1000
    expect(await statusOf(ask(withToken(token)))).toBe(401)
    expect(looks()).toBe(2)
  })

  test('is passed on for a token that is valid', async () => {
    const noted: (readonly [string, unknown])[] = []
    const ask = door({ note: (token, answer) => void noted.push([token, answer]) })
    const token = fake.issue()
    for (const one of [token, token, 'none']) await statusOf(ask(withToken(one)))
    expect(noted).toEqual([[token, { token: expect.objectContaining({ catalog: expect.any(Array) }) }]])
  })

  test('is never believed past the end of the token', async () => {
    const token = fake.issue({ expires_at: soon(100) })
    const ask = door()
    await ask(withToken(token))
    now += 99_999
    await ask(withToken(token))
    expect(looks()).toBe(1)
    now += 1
    // The fake's clock is the real one: Keystone and this replica may differ.
    expect(await statusOf(ask(withToken(token)))).toBe(401)
  })

  test('a refusal is believed for a moment', async () => {
    const ask = door()
    const token = fake.issue()
    fake.state.tokens.delete(token)
    for (let tries = 0; tries < 3; tries++) expect(await statusOf(ask(withToken(token)))).toBe(401)
    expect(looks()).toBe(1)
    fake.state.tokens.add(token)
    now += 5000
    expect(await statusOf(ask(withToken(token)))).toBe(200)
  })

  test('without a cache, each request asks', async () => {
    const token = fake.issue()
    const ask = door({ cacheMs: 0 })
    await ask(withToken(token))
    await ask(withToken(token))
    expect(looks()).toBe(2)
  })

  test('a flood of invented tokens pushes no valid one out', async () => {
    const token = fake.issue()
    const ask = door({ cacheSize: 2 })
    await ask(withToken(token))
    for (let made = 0; made < 5; made++) await statusOf(ask(withToken(`invented-${made}`)))
    const before = looks()
    await ask(withToken(token))
    expect(looks()).toBe(before)
  })
})

describe('503', () => {
  test.each([500, 502, 503, 403, 401])('when Keystone answers %i', async (status) => {
    await keystone.identity.whoami()
    fake.behaviour.fault = ({ method }) =>
      method === 'GET' ? { status, body: { error: { message: 'x' } } } : undefined
    const error: unknown = await door()(withToken('token-secret')).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      reply: {
        status: 503,
        body: { error: { code: 503, message: 'The Keystone service is temporarily unavailable.' } },
      },
    })
    expect(reports).toHaveLength(1)
    expect(reports.join()).not.toContain('token-secret')
  })

  test('when nobody answers, or what answers is no Keystone; and not for longer than that', async () => {
    await keystone.identity.whoami()
    const token = fake.issue()
    const ask = door()
    fake.behaviour.fault = () => 'drop-before'
    expect(await statusOf(ask(withToken(token)))).toBe(503)
    fake.behaviour.fault = () => ({ status: 200, body: { token: { user: 'ann' } } })
    expect(await statusOf(ask(withToken(token)))).toBe(503)
    fake.behaviour.fault = () => undefined
    expect(await statusOf(ask(withToken(token)))).toBe(200)
  })

  test('when too many ask at once', async () => {
    fake.behaviour.delay = () => 50
    const ask = door({ mostWaiting: 2 })
    const tokens = Array.from({ length: 3 }, () => fake.issue())
    expect(await Promise.all(tokens.map((token) => statusOf(ask(withToken(token)))))).toEqual([200, 200, 503])
  })

  test("the service's own token is made anew when it is refused", async () => {
    await keystone.identity.whoami()
    fake.state.tokens.clear()
    expect(await statusOf(door()(withToken(fake.issue())))).toBe(200)
  })
})

describe("a service's token", () => {
  const service = { user: { ...ann, name: 'heat' }, roles: [{ name: 'Service' }] }
  const ended = (): string => fake.issue({ expires_at: soon(-60) })

  test('gives roles of the service, and lets a token of the user that has ended', async () => {
    const forwarded = { 'x-service-token': fake.issue(service) }
    expect(await door()(withToken(ended(), forwarded))).toMatchObject({ serviceRoles: ['service'] })
  })

  test('what has ended is good with that only, also after it was seen', async () => {
    const ask = door()
    const token = ended()
    const forwarded = { 'x-service-token': fake.issue(service) }
    expect(await statusOf(ask(withToken(token)))).toBe(401)
    expect(await statusOf(ask(withToken(token, forwarded)))).toBe(200)
    expect(await statusOf(ask(withToken(token)))).toBe(401)
    expect(await statusOf(ask(withToken(token, forwarded)))).toBe(200)
  })

  test.each([
    ['that is none', () => 'invented'],
    ['that cannot be one', () => 'two, tokens'],
    ['that has ended', () => fake.issue({ ...service, expires_at: soon(-1) })],
    ['of a user', () => fake.issue({ roles: [{ name: 'admin' }] })],
  ])('one %s is refused, though the user has a good one', async (_, token) => {
    expect(await statusOf(door()(withToken(fake.issue(), { 'x-service-token': token() })))).toBe(401)
  })

  test('without the required role, where none is required, lets no ended token and no access rule be passed by', async () => {
    const ask = door({ serviceTokenRolesRequired: false })
    const forwarded = { 'x-service-token': fake.issue({ roles: [{ name: 'member' }] }) }
    expect(await ask(withToken(fake.issue(), forwarded))).toMatchObject({ serviceRoles: ['member'] })
    expect(await statusOf(ask(withToken(ended(), forwarded)))).toBe(401)
    const restricted = fake.issue({ application_credential: { id: 'a', access_rules: [] } })
    expect(await statusOf(ask(withToken(restricted, forwarded)))).toBe(401)
  })

  test('other roles may be those of services', async () => {
    const ask = door({ serviceTokenRoles: ['Robot'] })
    const robot = fake.issue({ roles: [{ name: 'robot' }] })
    expect(await statusOf(ask(withToken(fake.issue(), { 'x-service-token': robot })))).toBe(200)
    expect(await statusOf(ask(withToken(fake.issue(), { 'x-service-token': fake.issue(service) })))).toBe(401)
  })
})

describe('a restricted application credential', () => {
  const rule = { id: 'r', service: 'container-infra', method: 'GET', path: '/v1/clusters/{cluster}' }
  const restricted = (rules: readonly object[] = [rule]): string =>
    fake.issue({ application_credential: { id: 'a1', name: 'one', access_rules: rules } })

  test.each([
    ['GET', '/v1/clusters/one', 200],
    ['GET', '/v1/clusters/my%20one', 200],
    ['GET', '/v1/clusters/a%2Fb', 401],
    ['GET', '/v1/clusters/%zz', 401],
    ['GET', '/v1/clusters', 401],
    ['DELETE', '/v1/clusters/one', 401],
  ])('%s %s: %i', async (method, path, status) => {
    expect(await statusOf(door()({ ...withToken(restricted()), method, path }))).toBe(status)
  })

  test('is checked at each request, not only at the first', async () => {
    const ask = door()
    const token = restricted()
    expect(await statusOf(ask({ ...withToken(token), path: '/v1/clusters/one' }))).toBe(200)
    expect(await statusOf(ask({ ...withToken(token), path: '/v1/stats' }))).toBe(401)
  })

  test('may be used by a service that forwards, for what follows from it', async () => {
    const forwarded = { 'x-service-token': fake.issue({ roles: [{ name: 'service' }] }) }
    expect(await statusOf(door()({ ...withToken(restricted([]), forwarded), path: '/v1/stats' }))).toBe(200)
  })
})
