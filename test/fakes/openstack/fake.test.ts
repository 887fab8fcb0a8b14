import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from './index.ts'

let fake: FakeOpenStack

beforeEach(async () => {
  fake = await startFakeOpenStack()
})

afterEach(() => fake.close())

interface Sent {
  readonly status: number
  readonly body: unknown
  readonly token: string | null
}

async function send(
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly token?: string } = {},
): Promise<Sent> {
  const response = await fetch(`${fake.origin}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { 'x-auth-token': options.token }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    token: response.headers.get('x-subject-token'),
  }
}

async function look(subject: string, options: { readonly query?: string; readonly rules?: string } = {}) {
  const response = await fetch(`${fake.origin}/identity/v3/auth/tokens${options.query ?? ''}`, {
    headers: {
      'x-auth-token': await login(),
      'x-subject-token': subject,
      ...(options.rules === undefined ? {} : { 'openstack-identity-access-rules': options.rules }),
    },
  })
  return { status: response.status, body: await response.json() }
}

async function login(): Promise<string> {
  const user = { name: 'admin', password: fake.password }
  const { token } = await send('POST', '/identity/v3/auth/tokens', {
    body: { auth: { identity: { password: { user } } } },
  })
  return token ?? ''
}

describe('the fake OpenStack', () => {
  it('refuses calls without a token and logins with a wrong password', async () => {
    expect((await send('GET', '/network/v2.0/networks')).status).toBe(401)
    const user = { name: 'admin', password: 'no' }
    expect(
      (await send('POST', '/identity/v3/auth/tokens', { body: { auth: { identity: { password: { user } } } } })).status,
    ).toBe(401)
  })

  it('says what a token is, until it is revoked', async () => {
    const token = fake.issue({ user: { id: 'u1', name: 'ann', domain: { id: 'default' } }, project: undefined })
    const { status, body } = await look(token)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token: { user: { id: 'u1' }, roles: [{ name: 'admin' }] } })
    expect(body).not.toHaveProperty('token.project')
    fake.state.tokens.delete(token)
    expect((await look(token)).status).toBe(404)
    expect((await look('invented')).status).toBe(404)
  })

  it('tells of an ended token for two days, when asked so', async () => {
    const token = fake.issue({ expires_at: new Date(Date.now() - 60_000).toISOString() })
    const old = fake.issue({ expires_at: new Date(Date.now() - 3 * 86_400_000).toISOString() })
    expect([(await look(token)).status, (await look(token, { query: '?allow_expired=1' })).status]).toEqual([404, 200])
    expect((await look(old, { query: '?allow_expired=1' })).status).toBe(404)
  })

  it('tells of a restricted token only to who knows restrictions', async () => {
    const token = fake.issue({ application_credential: { id: 'a', access_rules: [] } })
    expect([(await look(token)).status, (await look(token, { rules: '1' })).status]).toEqual([404, 200])
  })

  it('lets two networks have one name, but not one flat physical network', async () => {
    const token = await login()
    const make = (network: object) => send('POST', '/network/v2.0/networks', { token, body: { network } })
    expect([(await make({ name: 'a' })).status, (await make({ name: 'a' })).status]).toEqual([201, 201])
    const flat = { name: 'p', 'provider:physical_network': 'physnet1' }
    expect([(await make(flat)).status, (await make(flat)).status]).toEqual([201, 409])
  })

  it('never gives an image id twice', async () => {
    const token = await login()
    const body = { id: '00000000-0000-8000-8000-000000000001', name: 'x' }
    expect((await send('POST', '/image/v2/images', { token, body })).status).toBe(201)
    expect((await send('DELETE', `/image/v2/images/${body.id}`, { token })).status).toBe(204)
    expect((await send('POST', '/image/v2/images', { token, body })).status).toBe(409)
  })

  it('carries a call out when only its answer is lost', async () => {
    const token = await login()
    fake.behaviour.fault = () => 'drop-after'
    await expect(
      send('POST', '/network/v2.0/networks', { token, body: { network: { name: 'lost' } } }),
    ).rejects.toThrow('fetch failed')
    expect([...fake.state.networks.values()].map((row) => row['name'])).toEqual(['lost'])
  })

  it('counts writes, not looks', async () => {
    const token = await login()
    await send('GET', '/compute/v2.1/flavors/detail', { token })
    await send('POST', '/compute/v2.1/os-keypairs', { token, body: { keypair: { name: 'k' } } })
    expect(fake.writes().map((call) => call.path)).toEqual(['/os-keypairs'])
  })
})
