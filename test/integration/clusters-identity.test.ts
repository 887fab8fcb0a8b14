/** Callers and lookups against a real Keystone: what the fake only claims to be like. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AuthenticationError,
  type AuthenticatorOptions,
  type AuthenticRequest,
  authenticator,
  type Caller,
} from '../../src/clusters/identity/index.ts'
import { lookups } from '../../src/clusters/lookups/index.ts'
import { makeClusterPolicy } from '../../src/clusters/policy/index.ts'
import { connectService, type ServiceConnection } from '../../src/openstack/index.ts'
import { type FakeOpenStack, startFakeOpenStack } from '../fakes/openstack/index.ts'
import type { User } from './openstack/identity.ts'
import { type Keystone, startKeystone } from './openstack/keystone.ts'

let dir: string
let keystone: Keystone
let fake: FakeOpenStack
let service: ServiceConnection
let magnum: User
let ann: User

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-identity-'))
  fake = await startFakeOpenStack({ anyToken: true })
  keystone = await startKeystone({
    dir,
    endpoints: {
      'container-infra': 'http://127.0.0.1:9511/v1',
      image: `${fake.origin}/image`,
      compute: `${fake.origin}/compute/v2.1`,
      network: `${fake.origin}/network`,
    },
  })
  const { identity } = keystone
  const services = await identity.createProject('service')
  magnum = await identity.createUser('magnum', { project: services.id, roles: ['service'] })
  const blue = await identity.createProject('blue')
  ann = await identity.createUser('ann', { project: blue.id, roles: ['member'] })
  service = connectTo(keystone, magnum)
})

afterAll(async () => {
  service.close()
  await keystone.stop()
  await fake.close()
  await rm(dir, { recursive: true })
})

const connectTo = ({ authUrl }: Keystone, user: User): ServiceConnection =>
  connectService({ authUrl, username: user.name, password: user.password, project: 'service', retryMs: 1000 })

type Ask = (token: string, request?: Partial<AuthenticRequest>) => Promise<Caller>

function door(options: Partial<AuthenticatorOptions> = {}): Ask {
  const made = makeClusterPolicy()
  if (!made.ok) throw new Error('the defaults are wrong')
  const { authenticate } = authenticator({
    keystone: service.own,
    identityUrl: keystone.authUrl,
    isAdmin: made.policy.isAdmin,
    ...options,
  })
  return (token, request = {}) =>
    authenticate({
      method: 'GET',
      path: '/v1/clusters',
      ...request,
      headers: { 'x-auth-token': token, ...request.headers },
    })
}

const statusOf = (work: Promise<Caller>): Promise<number> =>
  work.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof AuthenticationError) return error.reply.status
      throw error
    },
  )

const annsToken = (): Promise<string> => keystone.identity.tokenOf(ann, 'blue')

describe('the caller', () => {
  test('of a project', async () => {
    const caller = await door()(await annsToken())
    expect(caller).toMatchObject({ userName: 'ann', projectName: 'blue', userDomainId: 'default', isAdmin: false })
    expect([...caller.roles].sort()).toEqual(['member', 'reader'])
    expect(caller.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_000_000)
  })

  test('of the system, of a domain, and of nothing', async () => {
    const { identity, admin } = keystone
    const login = { name: admin.user, password: admin.password }
    const ask = door()
    const system = await ask(await identity.tokenOf(login, 'system'))
    expect(system).toMatchObject({ systemScope: 'all', isAdmin: true })
    expect(system).not.toHaveProperty('projectId')
    const domain = await identity.createDomain('green')
    await identity.grant({ user: ann.id, role: 'reader', on: { domain: domain.id } })
    const user = { name: ann.name, password: ann.password, domain: { name: 'Default' } }
    const method = { methods: ['password'], password: { user } }
    const ofDomain = await identity.tokenBy({ identity: method, scope: { domain: { id: domain.id } } })
    expect(await ask(ofDomain)).toMatchObject({ domainId: domain.id, roles: ['reader'] })
    const unscoped = await ask(await identity.tokenOf(ann))
    expect(unscoped).toMatchObject({ userName: 'ann', roles: [], isAdmin: false })
    expect(unscoped).not.toHaveProperty('projectId')
  })

  test('through a trust, and by an application credential', async () => {
    const { identity } = keystone
    const ask = door()
    const trustee = await identity.createUser('trustee')
    const trust = await identity.createTrust(await annsToken(), trustee.id, ['member'])
    expect(await ask(await identity.trustToken(trustee, trust))).toMatchObject({ userId: ann.id, trustId: trust })
    const credential = await identity.createApplicationCredential(await annsToken(), { roles: ['reader'] })
    expect(await ask(await identity.applicationCredentialToken(credential))).toMatchObject({
      userId: ann.id,
      roles: ['reader'],
      applicationCredentialId: credential.id,
    })
  })
})

describe('401', () => {
  test('for tokens that are none, however they are made', async () => {
    const token = await annsToken()
    const ask = door()
    const mutated = [
      `${token}x`,
      token.slice(1),
      token.slice(0, -4),
      token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      `${token.slice(0, 40)}${token[40] === 'a' ? 'b' : 'a'}${token.slice(41)}`,
      token.toLowerCase(),
      '0123456789abcdef0123456789abcdef',
      'gAAAAA',
      '../../users',
      '=',
      'a'.repeat(1000),
    ]
    for (const one of mutated) expect([one, await statusOf(ask(one))]).toEqual([one, 401])
    expect(await statusOf(ask(token))).toBe(200)
  })

  test('for a revoked one, at the latest when what was known of it is forgotten', async () => {
    let now = Date.now()
    const token = await annsToken()
    const ask = door({ now: () => now })
    expect(await statusOf(ask(token))).toBe(200)
    await keystone.identity.revokeToken(token)
    expect(await statusOf(ask(token))).toBe(200)
    now += 300_000
    expect(await statusOf(ask(token))).toBe(401)
  })
})

describe('a restricted application credential', () => {
  const rules = [{ service: 'container-infra', method: 'GET', path: '/v1/clusters/{cluster}' }]
  const restricted = async (): Promise<string> => {
    const { identity } = keystone
    const credential = await identity.createApplicationCredential(await annsToken(), { accessRules: rules })
    return identity.applicationCredentialToken(credential)
  }

  test('may do what its rules say', async () => {
    const ask = door()
    const token = await restricted()
    expect(await statusOf(ask(token, { path: '/v1/clusters/one' }))).toBe(200)
    expect(await statusOf(ask(token, { path: '/v1/clusters/one/nodegroups' }))).toBe(401)
    expect(await statusOf(ask(token, { path: '/v1/clusters/one', method: 'DELETE' }))).toBe(401)
  })

  test('what follows from that is asked for with the token of the service beside', async () => {
    const flavor = { id: 'f1', name: 'small', vcpus: 1, ram: 512, disk: 10 }
    fake.state.flavors.set('f1', flavor)
    const token = await restricted()
    const found = await lookups({ forwarding: service.forwarding }).find({ token }, { flavorId: 'small' })
    expect(found.flavorId).toEqual(flavor)
    const headers = fake.calls.at(-1)?.headers
    expect(headers?.['x-auth-token']).toBe(token)
    const shown = String(headers?.['x-service-token'])
    expect(await keystone.identity.describe(shown)).toMatchObject({ user: { name: 'magnum' } })
  })
})

test('a service forwards a request, a user does not', async () => {
  const ask = door()
  const forwarding = await keystone.identity.tokenOf(magnum, 'service')
  const caller = await ask(await annsToken(), { headers: { 'x-service-token': forwarding } })
  expect(caller.serviceRoles).toEqual(['service'])
  expect(await statusOf(ask(await annsToken(), { headers: { 'x-service-token': await annsToken() } }))).toBe(401)
})

test('503 for a service user who may not ask, and the operator is told', async () => {
  const { identity } = keystone
  const [project] = ((await identity.call('GET', '/projects?name=service')) as { projects: { id: string }[] }).projects
  const useless = await identity.createUser('useless', { project: project?.id ?? '', roles: ['reader'] })
  const other = connectTo(keystone, useless)
  const reports: string[] = []
  const ask = door({ keystone: other.own, report: (problem) => reports.push(problem) })
  expect(await statusOf(ask(await annsToken()))).toBe(503)
  expect(reports).toEqual([expect.stringContaining('the service user may not ask (403)')])
  other.close()
})

test('a token that has ended is good together with one of a service; without Keystone there is a 503', async () => {
  const at = await mkdtemp(join(tmpdir(), 'croque-identity-short-'))
  const short = await startKeystone({ dir: at, tokenSeconds: 40 })
  const { identity } = short
  const project = await identity.createProject('service')
  const robot = await identity.createUser('robot', { project: project.id, roles: ['service', 'member'] })
  const connection = connectTo(short, robot)
  try {
    const ask = door({ keystone: connection.own })
    const token = await identity.tokenOf(robot, 'service')
    const { expiresAt } = await ask(token)
    await sleep(expiresAt.getTime() - Date.now() + 1000)
    expect(await statusOf(ask(token))).toBe(401)
    const forwarding = await identity.tokenOf(robot, 'service')
    expect(await statusOf(ask(token, { headers: { 'x-service-token': forwarding } }))).toBe(200)
    await short.stop()
    expect(await statusOf(ask('something-new'))).toBe(503)
    // What was known still is.
    expect(await statusOf(ask(forwarding))).toBe(200)
  } finally {
    connection.close()
    await short.stop()
    await rm(at, { recursive: true })
  }
})
