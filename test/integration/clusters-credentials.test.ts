/** What nodes of a cluster call the cloud with, on a real Keystone: what it can do, what it cannot, and how it ends. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cloudConfigFiles } from '../../src/clusters/drivers/heat/cloud-config.ts'
import {
  type CredentialKeeper,
  credentialKeeper,
  writtenCredential,
} from '../../src/clusters/drivers/heat/credentials.ts'
import { type ClusterUsers, clusterUsers } from '../../src/clusters/drivers/heat/users.ts'
import { AuthenticationError, authenticator } from '../../src/clusters/identity/index.ts'
import { clusterSpecFixture } from '../../src/clusters/model/fixture.ts'
import { type Cluster, type ClusterStore, createMemoryStore } from '../../src/clusters/model/index.ts'
import { connect, connectService } from '../../src/openstack/index.ts'
import { startGuarded } from './openstack/guarded.ts'
import type { User } from './openstack/identity.ts'
import { type Keystone, startKeystone } from './openstack/keystone.ts'
import type { WsgiServer } from './openstack/wsgi.ts'

const uuid = '00000000-0000-4000-8000-000000000001'

let dir: string
let keystone: Keystone
let nova: WsgiServer
let service: User
let admin: ReturnType<typeof connect>
let store: ClusterStore
let cluster: Cluster
let otherProject: string
let ann: User

/** Another process of ours: it knows nothing but what is in the store and in Keystone. */
function replica(): { readonly users: ClusterUsers; readonly keeper: CredentialKeeper } {
  const { authUrl } = keystone
  const users = clusterUsers({ admin, domain: 'magnum', store })
  const keeper = credentialKeeper({
    sessionOf: async (of) => {
      const { id, name, password } = await users.ensure(of)
      const login = { authUrl, username: name, password, project: '', userDomain: 'magnum' }
      return { userId: id, cloud: connect({ ...login, scope: { projectId: of.spec.projectId } }) }
    },
    store,
    role: 'member',
  })
  return { users, keeper }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-credentials-'))
  keystone = await startKeystone({ dir })
  const { identity, authUrl } = keystone
  const services = await identity.createProject('service')
  service = await identity.createUser('nova', { project: services.id, roles: ['service'] })
  nova = await startGuarded({ type: 'compute', authUrl, user: service, dir })
  await identity.offer('compute', `${nova.url}/compute/v2.1`)
  await identity.offer('container-infra', 'http://127.0.0.1:9511/v1')
  const domain = await identity.createDomain('magnum')
  const domainAdmin = await identity.createUser('magnum_domain_admin', { domain: domain.id })
  await identity.grant({ user: domainAdmin.id, role: 'admin', on: { domain: domain.id } })
  const scope = { domain: 'magnum' }
  const { name: username, password } = domainAdmin
  admin = connect({ authUrl, username, password, project: '', userDomain: 'magnum', scope })
  const project = await identity.createProject('blue')
  otherProject = (await identity.createProject('red')).id
  ann = await identity.createUser('ann', { project: project.id, roles: ['member'] })
  store = createMemoryStore()
  cluster = await store.clusters.create(uuid, clusterSpecFixture({ projectId: project.id, userId: ann.id }))
  await replica().keeper.ensure(cluster)
})

afterAll(async () => {
  admin.close()
  await nova.stop()
  await keystone.stop()
  await rm(dir, { recursive: true })
})

/** As a program on a node finds them: in its file. */
async function fromNode(): Promise<Readonly<Record<string, string>>> {
  const credential = await writtenCredential(store, uuid)
  if (credential === undefined) throw new Error('nothing was written down')
  const cloud = { authUrl: keystone.authUrl, userDomain: 'magnum' }
  const text = cloudConfigFiles(cluster, cloud, credential)['/etc/kubernetes/cloud-config'] ?? ''
  return Object.fromEntries([...text.matchAll(/^([\w-]+) = "(.*)"$/gm)].map(([, name, value]) => [name, value]))
}

function authOf(config: Readonly<Record<string, string>>): object {
  const user = { name: config['username'], domain: { name: config['user-domain-name'] } }
  const [name, secret] = [config['application-credential-name'], config['application-credential-secret']]
  return { identity: { methods: ['application_credential'], application_credential: { name, secret, user } } }
}

const nodeToken = async (): Promise<string> => await keystone.identity.tokenBy(authOf(await fromNode()))

const statusOf = async (url: string, token: string, method = 'GET', body?: object): Promise<number> => {
  const headers = { 'x-auth-token': token, 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return answer.status
}

interface Described {
  readonly user: { readonly id: string; readonly name: string; readonly domain: { readonly name: string } }
  readonly project: { readonly id: string }
  readonly roles: readonly { readonly name: string }[]
  readonly application_credential: { readonly restricted: boolean; readonly access_rules: readonly unknown[] }
}

/** As services ask that know of access rules: to others, Keystone says that such a token is none. */
async function described(token: string): Promise<Described> {
  const { user, password } = keystone.admin
  const headers = {
    'x-auth-token': await keystone.identity.tokenOf({ name: user, password }, 'admin'),
    'x-subject-token': token,
    'openstack-identity-access-rules': '1',
  }
  const answer = await fetch(`${keystone.authUrl}/auth/tokens`, { headers })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { token: Described }).token
}

test('a node is the cluster’s user in its project, and no more than its cloud provider needs', async () => {
  const told = await described(await nodeToken())
  expect(told).toMatchObject({
    user: { name: uuid, domain: { name: 'magnum' } },
    project: { id: cluster.spec.projectId },
    application_credential: { restricted: true },
  })
  expect(told.roles.map(({ name }) => name).sort()).toEqual(['member', 'reader'])
  expect(told.application_credential.access_rules).toHaveLength(5)
})

test.each([
  ['GET', '/compute/v2.1/servers/1', 200],
  ['POST', '/compute/v2.1/servers/1/os-volume_attachments', 200],
  ['GET', '/compute/v2.1/servers/1/ips', 401],
  ['DELETE', '/compute/v2.1/servers/1', 401],
  ['POST', '/compute/v2.1/servers', 401],
  ['POST', '/compute/v2.1/servers/1/action', 401],
])('of Nova it may %s %s: %i', async (method, path, status) => {
  expect(await statusOf(`${nova.url}${path}`, await nodeToken(), method)).toBe(status)
})

test.each([
  ['list users', 'GET', '/users', undefined],
  ['list projects', 'GET', '/projects', undefined],
  ['see which projects it has', 'GET', '/auth/projects', undefined],
  ['create a user', 'POST', '/users', { user: { name: 'mallory', password: 'x' } }],
  ['see its own user', 'GET', '/users/SELF', undefined],
  ['set its own password', 'POST', '/users/SELF/password', { user: { password: 'a', original_password: 'b' } }],
  ['make another credential', 'POST', '/users/SELF/application_credentials', { application_credential: { name: 'x' } }],
  ['list its credentials', 'GET', '/users/SELF/application_credentials', undefined],
  ['make a trust', 'POST', '/OS-TRUST/trusts', { trust: {} }],
  ['list roles', 'GET', '/roles', undefined],
])('of Keystone it may not %s', async (_what, method, path, body) => {
  const token = await nodeToken()
  const self = (await described(token)).user.id
  expect(await statusOf(`${keystone.authUrl}${path.replace('SELF', self)}`, token, method, body)).toBe(401)
})

test('it gets no token for another project, and none of another kind', async () => {
  const auth = authOf(await fromNode())
  await expect(keystone.identity.tokenBy({ ...auth, scope: { project: { id: otherProject } } })).rejects.toThrow('401')
  const identity = { methods: ['token'], token: { id: await nodeToken() } }
  const scope = { project: { id: otherProject } }
  await expect(keystone.identity.tokenBy({ identity, scope })).rejects.toThrow('404')
})

test('the API of clusters refuses it as everybody else does', async () => {
  const { authUrl } = keystone
  const session = connectService({ authUrl, username: service.name, password: service.password, project: 'service' })
  const { authenticate } = authenticator({ keystone: session.own, identityUrl: authUrl, isAdmin: () => false })
  const headers = { 'x-auth-token': await nodeToken() }
  for (const [method, path] of [
    ['GET', '/v1/clusters'],
    ['POST', '/v1/certificates'],
  ] as const)
    await expect(authenticate({ method, path, headers })).rejects.toThrow(AuthenticationError)
  session.close()
})

test('what another process of ours makes sure of ends no token of a node', async () => {
  const token = await nodeToken()
  await replica().keeper.ensure(cluster)
  expect(await statusOf(`${nova.url}/compute/v2.1/servers/2`, token)).toBe(200)
  await expect(described(token)).resolves.toBeDefined()
})

test('it outlives whoever asked for the cluster', async () => {
  await keystone.identity.call('DELETE', `/users/${ann.id}`)
  await expect(nodeToken()).resolves.toBeDefined()
})

test('with a rotation there are two, until the old one is taken away', async () => {
  const old = authOf(await fromNode())
  const operation = { ...cluster.spec.operation, kind: 'rotate-credential', id: 'rotation' } as const
  cluster = await store.clusters.replace(cluster, { ...cluster.spec, operation })
  await replica().keeper.ensure(cluster)
  expect(authOf(await fromNode())).not.toEqual(old)
  await expect(nodeToken()).resolves.toBeDefined()
  await expect(keystone.identity.tokenBy(old)).resolves.toBeDefined()
  await replica().keeper.prune(cluster)
  await expect(keystone.identity.tokenBy(old)).rejects.toThrow('401')
  await expect(nodeToken()).resolves.toBeDefined()
})

test('it ends with the cluster, and so does the user', async () => {
  const token = await nodeToken()
  await replica().users.remove(cluster)
  await expect(nodeToken()).rejects.toThrow('Could not find user')
  await expect(described(token)).rejects.toThrow('404')
  const { users } = (await keystone.identity.call('GET', `/users?name=${uuid}`)) as { users: unknown[] }
  expect(users).toEqual([])
})
