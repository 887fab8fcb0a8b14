/** The calls of the stock cluster-autoscaler, in the order of magnum_manager_impl.go, with its own login, at the doors of the API as they are. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStack } from '../../openstack/index.ts'
import { type World, world } from '../api/fixture.ts'
import { testServer } from '../api/http/fixture.ts'
import { clusterResourceRoutes } from '../api/index.ts'
import { seenByAutoscaler } from '../drivers/heat/autoscaler-view.ts'
import { stackName } from '../drivers/heat/names.ts'
import { type Cluster, nodeGroupsOf } from '../model/index.ts'
import { type LedgerState, nodeToken, openLedger, reviewerToken } from '../nodes/index.ts'
import { openAutoscalers } from './door.ts'
import { autoscalerFiles } from './files.ts'

const url = 'https://cloud.test/container-infra'
let scene: World
let cluster: Cluster
let other: Cluster
let state: LedgerState
let credential: string | undefined
let hours: number
let app: ReturnType<typeof testServer>['app']
let asked: string[]

/** Heat as it answers: by the UUID alone with where a stack is, and to a name only with its own UUID. */
const stacksOf = (name: string): Readonly<Record<string, string>> => ({
  top: name,
  minions: `${name}-kube_minions-abcdefghijkl`,
  minion: `${name}-kube_minions-abcdefghijkl-0-abcdefghijkl`,
})
const bodies: Readonly<Record<string, object>> = {
  'top/resources/kube_minions': { resource: { physical_resource_id: 'minions' } },
  minions: { stack: { outputs: [{ output_key: 'refs_map', output_value: { '0': 'server' } }] } },
  'minions/resources': { resources: [{ resource_name: '0', physical_resource_id: 'minion' }] },
  'minion/resources': { resources: [{ resource_name: 'kube-minion' }] },
}
const heat =
  (stacks: Readonly<Record<string, string>>): OpenStack['request'] =>
  async (service, method, path) => {
    asked.push(`${method} ${service} ${path}`)
    const [, id = '', more = '', rest = ''] = /^\/stacks\/([^/]+)(?:\/([^/]+)(.*))?$/.exec(path) ?? []
    if (service === 'compute') return { status: 200, headers: {}, body: { flavor: { vcpus: 1 } } }
    if (more === '') {
      const name = stacks[id]
      const location = `https://cloud.test/orchestration/v1/p/stacks/${name}/${id}`
      return { status: name === undefined ? 404 : 302, headers: name === undefined ? {} : { location }, body: {} }
    }
    if (stacks[more] !== id) return { status: 404, headers: {}, body: {} }
    return { status: 200, headers: {}, body: bodies[`${more}${rest}`] ?? { stack: { id: more, stack_name: id } } }
  }

beforeEach(async () => {
  scene = world()
  await scene.template()
  const made = async (name: string): Promise<Cluster> => {
    const body = { name, cluster_template_id: '20000000-0000-4000-8000-000000000000', node_count: 1 }
    const { status } = await scene.call('POST', '/clusters', { body })
    expect(status).toBe(202)
    await scene.finish(name)
    const [found] = scene.services.store.clusters.named(name)
    if (found === undefined) throw new Error(`no ${name}`)
    return found
  }
  cluster = await made('demo')
  other = await made('other')
  const ledger = openLedger(scene.services.store)
  state = await ledger.change(cluster, (known) => ({ ...known }))
  await ledger.change(other, (known) => ({ ...known }))
  ;[credential, hours, asked] = ['nodes-1', 0, []]
  const stacks = { ...stacksOf(stackName(cluster)), foreign: `${stackName(cluster)}-0a1b2c3d` }
  const autoscalers = openAutoscalers({
    ...{ store: scene.services.store, ledger, url },
    credentialOf: async () => await Promise.resolve(credential),
    ask: async (of, question) => await seenByAutoscaler({ request: heat(stacks) }, of, question),
    now: () => new Date(Date.parse('2026-11-30T12:00:00Z') + hours * 3_600_000),
  })
  ;({ app } = testServer({
    routes: clusterResourceRoutes(scene.services),
    autoscalers,
    authenticate: async (request) => {
      const caller = await autoscalers.callerOf(request)
      if (caller === undefined) throw new Error('Keystone is asked')
      return caller
    },
  }))
})

const login = () => ({ clusterId: cluster.uuid, key: state.key, credential: credential ?? '' })
const wordsOf = (name: string): string => {
  const text = autoscalerFiles({ url, ca: 'PEM' }, login())['/etc/kubernetes/autoscaler/cloud-config'] ?? ''
  return new RegExp(`^${name} = "(.*)"$`, 'm').exec(text)?.[1] ?? ''
}

interface Answered {
  readonly status: number
  readonly body: object
  readonly token: string
}

const call = async (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  at: string,
  options: { token?: string; body?: object } = {},
) => {
  const { token, body } = options
  const got = await app.inject({
    ...{ method, url: at.replace(url, '') },
    headers: {
      ...(at.includes('/v1/') ? { 'openstack-api-version': 'container-infra latest' } : {}),
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const { 'x-subject-token': subject } = got.headers
  return { status: got.statusCode, body: got.json<object>(), token: String(subject) } satisfies Answered
}

const logIn = async (id = wordsOf('user-id'), password = wordsOf('password')): Promise<Answered> =>
  await call('POST', `${wordsOf('auth-url').replace(/v[0-9.]+\/?.*/, '')}v3/auth/tokens`, {
    body: { auth: { identity: { methods: ['password'], password: { user: { id, password } } } } },
  })

interface Catalog {
  readonly token: {
    readonly catalog: readonly {
      readonly type: string
      readonly name: string
      readonly endpoints: readonly { readonly url: string }[]
    }[]
  }
}

async function enter() {
  const { status, body, token } = await logIn()
  expect(status).toBe(201)
  const { catalog } = (body as Catalog).token
  const endpoint = (type: string, name: string): string =>
    catalog.find((each) => each.type === type && each.name === name)?.endpoints[0]?.url ?? ''
  return {
    token,
    magnum: endpoint('container-infra', 'magnum'),
    heat: endpoint('orchestration', 'heat'),
    nova: endpoint('compute', 'nova'),
  }
}

test('it finds its nodes, and resizes', async () => {
  const { token, magnum, heat: orchestration, nova } = await enter()
  const get = async <Body>(at: string): Promise<Body> => {
    const { status, body } = await call('GET', at, { token })
    expect([at, status]).toEqual([at, 200])
    return body as Body
  }
  const own = `${magnum}/clusters/${cluster.uuid}`
  expect(await get(own)).toMatchObject({ uuid: cluster.uuid })
  const { nodegroups } = await get<{ nodegroups: readonly { uuid: string; role: string }[] }>(`${own}/nodegroups`)
  const [worker] = nodegroups.filter(({ role }) => role === 'worker')
  expect(await get(`${own}/nodegroups/${worker?.uuid}`)).toMatchObject({ node_count: 1, min_node_count: 0 })
  const name = stackName(cluster)
  expect(await get(`${orchestration}/stacks/top`)).toMatchObject({ stack: { stack_name: name } })
  const resource = await get(`${orchestration}/stacks/${name}/top/resources/kube_minions`)
  expect(resource).toMatchObject({ resource: { physical_resource_id: 'minions' } })
  const minions = stacksOf(name)['minions']
  await get(`${orchestration}/stacks/minions`)
  expect(await get(`${orchestration}/stacks/${minions}/minions`)).toMatchObject({ stack: { outputs: [{}] } })
  expect(await get(`${orchestration}/stacks/${minions}/minions/resources`)).toMatchObject({ resources: [{}] })
  expect(await get(`${orchestration}/stacks/minion/resources`)).toMatchObject({ resources: [{}] })
  expect(await get(`${nova}/flavors/m1.small`)).toMatchObject({ flavor: { vcpus: 1 } })
  expect(asked.filter((each) => !each.startsWith('GET '))).toEqual([])
  const body = { node_count: 3, nodegroup: worker?.uuid, nodes_to_remove: [] }
  expect(await call('POST', `${own}/actions/resize`, { token, body })).toMatchObject({ status: 202 })
  const wished = scene.services.store.clusters.get(cluster.uuid) ?? cluster
  expect(wished.spec.operation.kind).toBe('resize')
  expect(nodeGroupsOf(wished, scene.services.store).find(({ uuid }) => uuid === worker?.uuid)?.spec.nodeCount).toBe(3)
})

describe('it may do nothing else', () => {
  test.each([
    ['GET', '/v1/clusters', 403],
    ['GET', '/v1/clusters/demo', 403],
    ['GET', '/v1/clusters/OTHER', 403],
    ['GET', '/v1/clusters/OTHER/nodegroups', 403],
    ['POST', '/v1/clusters/OTHER/actions/resize', 403],
    ['GET', '/v1/clusters/OWN/../OTHER', 403],
    ['GET', '/v1/clusters/OWN/nodegroups/..%2f..%2fOTHER', 404],
    ['GET', '//v1/clusters/OTHER', 403],
    ['PATCH', '/v1/clusters/OWN', 403],
    ['DELETE', '/v1/clusters/OWN', 403],
    ['POST', '/v1/clusters/OWN/actions/upgrade', 403],
    ['POST', '/v1/clusters/OWN/nodegroups', 403],
    ['PATCH', '/v1/clusters/OWN/nodegroups/default-worker', 403],
    ['GET', '/v1/certificates/OWN', 403],
    ['POST', '/v1/certificates', 403],
    ['PATCH', '/v1/credentials/OWN', 403],
    ['GET', '/v1/clustertemplates', 403],
    ['GET', '/autoscaler/orchestration/v1/stacks/foreign', 404],
    ['GET', '/autoscaler/orchestration/v1/stacks/STACK-0a1b2c3d/foreign', 404],
    ['GET', '/autoscaler/orchestration/v1/stacks/STACK/minion', 404],
    ['GET', '/autoscaler/orchestration/v1/stacks/STACK/top/template', 404],
    ['GET', '/autoscaler/orchestration/v1/stacks', 404],
    ['DELETE', '/autoscaler/orchestration/v1/stacks/STACK/top', 405],
    ['GET', '/autoscaler/compute/v2.1/servers', 404],
  ] as const)('%s %s: %d', async (method, path, status) => {
    const { token } = await enter()
    const body = method === 'POST' || method === 'PATCH' ? { body: {} } : {}
    const names: Readonly<Record<string, string>> = { OWN: cluster.uuid, OTHER: other.uuid, STACK: stackName(cluster) }
    const at = path.replaceAll(/OWN|OTHER|STACK/g, (word) => names[word] ?? '')
    expect((await call(method, at, { token, ...body })).status).toBe(status)
  })
})

test('nobody logs in with anything else', async () => {
  const { uuid } = cluster
  const node = nodeToken(state.key, { cluster: uuid, group: other.uuid, index: 0 })
  for (const password of ['', wordsOf('password').toUpperCase(), node, reviewerToken(state.key, uuid)])
    expect((await logIn(uuid, password)).status).toBe(401)
  expect((await logIn(other.uuid)).status).toBe(401)
  expect((await logIn('nobody')).status).toBe(401)
  expect((await call('POST', '/autoscaler/identity/v3/auth/tokens', { body: { auth: {} } })).status).toBe(400)
  expect((await call('GET', '/autoscaler/compute/v2.1/flavors/x')).status).toBe(401)
})

const looks = async (token: string): Promise<readonly number[]> => [
  (await call('GET', `/v1/clusters/${cluster.uuid}`, { token })).status,
  (await call('GET', '/autoscaler/compute/v2.1/flavors/x', { token })).status,
]

test('a token ends after an hour, and no other end can be said', async () => {
  const { token } = await enter()
  expect(await looks(token.replace(/\.\d{13}\./, '.9999999999999.'))).toEqual([401, 401])
  expect(await looks(token.replace(cluster.uuid, other.uuid))).toEqual([401, 401])
  hours = 0.99
  expect(await looks(token)).toEqual([200, 200])
  hours = 1
  expect(await looks(token)).toEqual([401, 401])
})

test('another credential of the nodes ends the login, and so does the end of the cluster', async () => {
  const before = await enter()
  const password = wordsOf('password')
  credential = 'nodes-2'
  expect(await looks(before.token)).toEqual([401, 401])
  expect((await logIn(cluster.uuid, password)).status).toBe(401)
  const { token } = await enter()
  credential = undefined
  expect(await looks(token)).toEqual([401, 401])
  credential = 'nodes-2'
  expect(await looks(token)).toEqual([200, 200])
  expect((await scene.call('DELETE', `/clusters/${cluster.uuid}`)).status).toBe(204)
  expect(await looks(token)).toEqual([401, 401])
})

test('its file says where to go, and whom it may believe', () => {
  const files = autoscalerFiles({ url, ca: 'PEM' }, login())
  expect(files['/etc/kubernetes/autoscaler/ca.crt']).toBe('PEM')
  expect(files['/etc/kubernetes/autoscaler/cloud-config']).toBe(`[Global]
auth-url = "https://cloud.test/container-infra/autoscaler/identity/v3"
user-id = "${cluster.uuid}"
password = "${wordsOf('password')}"
ca-file = "/etc/kubernetes/autoscaler/ca.crt"
`)
  expect(wordsOf('password')).toMatch(/^[\w-]{43}$/)
  expect(Object.keys(autoscalerFiles({ url }, login()))).toEqual(['/etc/kubernetes/autoscaler/cloud-config'])
})
