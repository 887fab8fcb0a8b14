/**
 * The driver `heat` on a real Heat, with the calls that healers and autoscalers make there: its templates are taken, what it reads is what
 * Heat says, and what Heat is told by others is noticed, and what fails below it is tried again. Nova and Neutron are stand-ins, and nodes
 * say that they are ready when their time has come.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CloudQuestion } from '../../src/clusters/autoscaler/index.ts'
import { simulatedClock } from '../../src/clusters/clock/index.ts'
import { seenByAutoscaler } from '../../src/clusters/drivers/heat/autoscaler-view.ts'
import { createHeatDriver } from '../../src/clusters/drivers/heat/driver.ts'
import { PretendedCloud } from '../../src/clusters/drivers/heat/fixture.ts'
import { clusterCloud } from '../../src/clusters/drivers/heat/stacks.ts'
import type { Progress } from '../../src/clusters/drivers/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../src/clusters/model/fixture.ts'
import type { Cluster, NodeGroup } from '../../src/clusters/model/index.ts'
import { type Heat, startHeat } from './heat/heat.ts'

const project = 'f2b3d8a0c1e94f55a0a7a4d6c3b2e1f0'
const dir = await mkdtemp(join(tmpdir(), 'croque-heat-'))
let heat: Heat

beforeAll(async () => {
  heat = await startHeat(dir)
})
afterAll(async () => {
  await heat?.stop()
  await rm(dir, { recursive: true })
})

interface Resource {
  readonly resource_name: string
  readonly physical_resource_id: string
  readonly resource_type: string
  readonly resource_status: string
  readonly parent_resource?: string
  readonly links: readonly { readonly rel: string; readonly href: string }[]
}

interface Answered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** As anybody of the project. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  redirect: 'follow' | 'manual' = 'follow',
): Promise<Answered> {
  const response = await fetch(`${heat.url}/${project}${path}`, {
    redirect,
    method,
    headers: { 'content-type': 'application/json', 'x-auth-project': project, 'x-auth-user': 'healer' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const headers = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: text.startsWith('{') ? JSON.parse(text) : text }
}

/** Servers that Nova has lost. */
const lost = new Set<string>()

/** What was asked to be removed, past Heat. */
const removed = new Set<string>()

interface Made {
  readonly id: string
  readonly name: string
  readonly kind: string
}

/** All that Heat ever made, under the names that it drew, and others. */
const strays: Made[] = []
async function madeOf(kind: string): Promise<readonly Made[]> {
  const lines = (await readFile(join(dir, 'made'), 'utf8')).trim().split('\n')
  const made = [...lines.map((line) => JSON.parse(line) as Made), ...strays]
  return made.filter((each) => each.kind === kind && !removed.has(each.id))
}

/** `away`: it cannot be reached; `slow`: servers are built for ever. */
const novaIs = async (word: 'well' | 'away' | 'slow'): Promise<void> => await writeFile(join(dir, 'nova'), word)

const session = {
  identity: { whoami: async () => ({ services: ['compute', 'network'] }) },
  request: async (
    service: string,
    method: string,
    path: string,
    { body, query = {}, okStatus }: { body?: unknown; query?: object; okStatus?: readonly number[] } = {},
  ) => {
    const answer = await answerOf(service, method, path, { body, query })
    const isOk = okStatus === undefined ? answer.status < 300 : okStatus.includes(answer.status)
    if (!isOk) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return { headers: {}, ...answer }
  },
}

async function answerOf(
  service: string,
  method: string,
  path: string,
  { body, query }: { readonly body: unknown; readonly query: object },
): Promise<Answered> {
  if (service === 'orchestration') {
    const words = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    )
    return await call(method, `${path}?${words.toString()}`, body, 'manual')
  }
  if (method === 'DELETE') {
    removed.add(path.split('/').at(-1) ?? '')
    return { status: 204, body: {} }
  }
  const kind = { '/v2.0/ports': 'Port', '/v2.0/security-groups': 'SecurityGroup' }[path]
  if (kind !== undefined) {
    const made = await madeOf(kind)
    return { status: 200, body: { ports: made, security_groups: made } }
  }
  if (service === 'network') {
    const ids = new URLSearchParams(path.split('?')[1]).getAll('id')
    const ports = ids.map((id, at) => ({ id, fixed_ips: [{ ip_address: `10.0.0.${at + 9}` }] }))
    return { status: 200, body: { ports, floatingips: [] } }
  }
  const [, , id = ''] = path.split('/')
  if (id === 'detail') return { status: 200, body: { servers: [] } }
  return lost.has(id) ? { status: 404, body: {} } : { status: 200, body: { server: { id, status: 'ACTIVE' } } }
}

const worker = '00000000-0000-4000-8000-00000000000b'

function drive(uuid = '00000000-0000-4000-8000-000000000001', now = Date.now) {
  const clock = simulatedClock()
  const pretended = new PretendedCloud(clock)
  const cluster = {
    uuid,
    resourceVersion: '1',
    uid: 'uid',
    spec: clusterSpecFixture({ template: templateSpecFixture({ externalNetworkId: 'public' }) }),
    status: {},
  }
  const driver = createHeatDriver({
    ...pretended.options(async () => undefined),
    now,
    cloudOf: (of) =>
      clusterCloud(of, { session: async () => session, user: async () => 'healer', leave: async () => undefined }),
    // Nodes that are not there are not drained.
    door: async (_cluster, _signal, work) =>
      await work({
        nodes: async () => [],
        cordon: async () => undefined,
        evict: async () => [],
        remove: async () => undefined,
      }),
  })
  const groupOf = (uuid: string, changes: Partial<NodeGroup['spec']>): NodeGroup => {
    return { uuid, resourceVersion: '1', uid: 'uid', spec: nodeGroupSpecFixture(changes), status: {} }
  }
  let operation = 0
  const everybodyIsReady = async (): Promise<void> => {
    await pretended.ledger.change(cluster, (state) => {
      const late = Object.entries(state.nodes).filter(([, { report, orders }]) => report?.revision !== orders.revision)
      if (late.length === 0) return state
      const told = late.map(([key, entry]) => {
        const report = { phase: 'ready', message: '', revision: entry.orders.revision, at: clock.now() }
        return [key, { ...entry, report, joined: true }] as const
      })
      return { ...state, nodes: { ...state.nodes, ...Object.fromEntries(told) } }
    })
  }
  /** What was waited for, one after the other. */
  const told: string[] = []
  const followed = async (
    ask: (signal: AbortSignal) => Promise<Progress>,
    look: (told: string) => Promise<void>,
  ): Promise<Progress> => {
    for (let calls = 0; calls < 300; calls += 1) {
      // What is thrown is a fault of a moment: the reconciler comes again.
      const progress = await ask(AbortSignal.timeout(60_000)).catch(() => undefined)
      if (progress !== undefined && progress.state !== 'waiting') return progress
      if (progress !== undefined && told.at(-1) !== progress.for) {
        told.push(progress.for)
        await look(progress.for)
      }
      await everybodyIsReady()
      await sleep(300)
    }
    throw new Error(`it waits for ever: ${told.at(-1)}`)
  }
  /** A new wish, to its end. */
  const settle = async (
    changes: Partial<NodeGroup['spec']>,
    look: (told: string) => Promise<void> = async () => undefined,
  ): Promise<Progress> => {
    operation += 1
    const spec = { ...cluster.spec, operation: { ...cluster.spec.operation, id: `operation-${operation}` } }
    const masters = groupOf('00000000-0000-4000-8000-00000000000a', { name: 'default-master', role: 'master' })
    const wish = { cluster: { ...cluster, spec }, nodeGroups: [masters, groupOf(worker, changes)] }
    return await followed(async (signal) => await driver.reconcile({ ...wish, signal }), look)
  }
  const remove = async (look: (told: string) => Promise<void> = async () => undefined): Promise<Progress> =>
    await followed(async (signal) => await driver.remove({ cluster, nodeGroups: [], signal }), look)
  return { cluster, settle, remove, told }
}

/** As magnum-auto-healer lists them. */
async function listed(stackId: string): Promise<readonly Resource[]> {
  const found = await call('GET', `/stacks/${stackId}`)
  const { stack_name: name } = (found.body as { readonly stack: { readonly stack_name: string } }).stack
  const { body } = await call('GET', `/stacks/${name}/${stackId}/resources?nested_depth=2`)
  return (body as { readonly resources: readonly Resource[] }).resources
}

interface StackSeen {
  readonly stack: {
    readonly stack_name: string
    readonly outputs: readonly { readonly output_key: string; readonly output_value: unknown }[]
  }
}

/** As cluster-autoscaler finds the servers of a node group: from its stack to the output of the one below. */
async function refsOf(cluster: Cluster, stackId: string): Promise<unknown> {
  const ask = async <Body>(question: CloudQuestion): Promise<Body> =>
    (await seenByAutoscaler(session, cluster, question)) as Body
  const nameOf = async (stack: string): Promise<string> => (await ask<StackSeen>({ stack, part: '' })).stack.stack_name
  const group = { stack: stackId, name: await nameOf(stackId) }
  const { resource } = await ask<{ readonly resource: Resource }>({ ...group, part: '/resources/kube_minions' })
  const minions = { stack: resource.physical_resource_id, name: await nameOf(resource.physical_resource_id) }
  const { resources } = await ask<{ readonly resources: readonly Resource[] }>({ ...minions, part: '/resources' })
  for (const { physical_resource_id: stack } of resources) {
    const node = await ask<{ readonly resources: readonly Resource[] }>({ stack, part: '/resources' })
    const complete = node.resources.filter(({ resource_status: status }) => status === 'CREATE_COMPLETE')
    const names = complete.map(({ resource_name: name }) => name)
    expect(names).toEqual(expect.arrayContaining(['kube-minion', 'node_config_deployment']))
  }
  const { stack } = await ask<StackSeen>({ ...minions, part: '' })
  return stack.outputs.find(({ output_key: key }) => key === 'refs_map')?.output_value
}

/** As magnum-auto-healer does it: a server by its UUID, in the stack that its link names. */
async function markUnhealthy(stackId: string, serverId: string): Promise<void> {
  const victim = (await listed(stackId)).find(({ physical_resource_id: id }) => id === serverId)
  const [name, id] =
    victim?.links
      .find(({ rel }) => rel !== 'self')
      ?.href.split('/')
      .slice(-2) ?? []
  const mark = { mark_unhealthy: true, resource_status_reason: 'Mark resource unhealthy by autohealing service' }
  expect((await call('PATCH', `/stacks/${name}/${id}/resources/${serverId}`, mark)).status).toBe(200)
  const seen = (await listed(stackId)).find(({ physical_resource_id: found }) => found === serverId)
  expect(seen?.resource_status).toBe('CHECK_FAILED')
}

async function statusOf(stackId: string): Promise<string> {
  const { body } = await call('GET', `/stacks/demo-00000000/${stackId}`)
  return (body as { readonly stack: { readonly stack_status: string } }).stack.stack_status
}

const workersOf = (resources: readonly Resource[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    resources
      .filter(({ resource_name: name }) => name === 'kube-minion')
      .map(({ parent_resource: index = '', physical_resource_id: id }) => [index, id]),
  )

test('healers and autoscalers find their servers in its stacks, and what they do there is made good', {
  timeout: 600_000,
}, async () => {
  const { cluster, settle } = drive()
  const made = await settle({ nodeCount: 2 })
  expect(made).toMatchObject({ state: 'done', facts: { stackId: expect.any(String) as string } })
  const stackId = made.facts.stackId ?? ''
  const resources = await listed(stackId)
  const servers = resources.filter(({ resource_type: type }) => type === 'OS::Nova::Server')
  expect(servers.map(({ resource_name: name }) => name).sort()).toEqual(['kube-master', 'kube-minion', 'kube-minion'])
  const before = workersOf(resources)
  expect(Object.keys(before).sort()).toEqual(['0', '1'])
  expect(await refsOf(cluster, stackId)).toEqual(before)

  // One that Heat has lost: a port with a name that it drew.
  const [port] = (await madeOf('Port')).filter(({ name }) => name.includes('-kube_minion_eth0-'))
  strays.push({ kind: 'Port', id: 'lost', name: port?.name ?? '' }, { kind: 'Port', id: 'strange', name: 'by-hand' })

  // A worker: the server by its UUID, to the same count.
  expect(await settle({ nodeCount: 2, nodesToRemove: [before['0'] ?? ''] })).toMatchObject({ state: 'done' })
  const resized = workersOf(await listed(stackId))
  expect(Object.keys(resized).sort()).toEqual(['1', '2'])
  expect(resized['1']).toBe(before['1'])
  expect([removed.has('lost'), removed.has('strange')]).toEqual([true, false])

  // Marked as unhealthy: whatever is wished next replaces it.
  await markUnhealthy(stackId, resized['1'] ?? '')
  expect(await settle({ nodeCount: 2 })).toMatchObject({ state: 'done' })
  expect(Object.keys(workersOf(await listed(stackId))).sort()).toEqual(['2', '3'])

  // Marked, and repaired by the update of the stack that healers ask for: Heat makes a server that the token of the first lets in no more.
  const marked = workersOf(await listed(stackId))
  await markUnhealthy(stackId, marked['3'] ?? '')
  const { status } = await call('PATCH', `/stacks/demo-00000000/${stackId}`, {})
  expect(status).toBe(202)
  // Heat answers before the stack is under way, and it was complete before.
  const third = async (): Promise<string | undefined> => workersOf(await listed(stackId))['3']
  await expect.poll(third, { timeout: 120_000, interval: 500 }).not.toBe(marked['3'])
  await expect.poll(async () => await statusOf(stackId), { timeout: 60_000, interval: 500 }).toBe('UPDATE_COMPLETE')
  const repaired = workersOf(await listed(stackId))
  expect(repaired['2']).toBe(marked['2'])
  expect(repaired['3']).not.toBe(marked['3'])
  expect(await settle({ nodeCount: 2 })).toMatchObject({ state: 'done' })
  expect(Object.keys(workersOf(await listed(stackId))).sort()).toEqual(['2', '4'])

  // Nova has lost one.
  lost.add(marked['2'] ?? '')
  expect(await settle({ nodeCount: 2 })).toMatchObject({ state: 'done' })
  const now = await listed(stackId)
  expect(Object.keys(workersOf(now)).sort()).toEqual(['4', '5'])
  expect(now.filter(({ physical_resource_id: id }) => removed.has(id))).toEqual([])
})

const again = /kube-(master|minion): .*Unable to establish connection to .*; it is tried again at \d\d:\d\d:\d\d UTC$/

test('a Nova that is away is waited for, when a cluster comes and when it goes', { timeout: 600_000 }, async () => {
  const { settle, remove, told } = drive('10000000-0000-4000-8000-000000000001')
  await novaIs('away')
  const comesBack = async (words: string): Promise<void> => {
    if (again.test(words)) await novaIs('well')
  }
  const made = await settle({ nodeCount: 1 }, comesBack)
  expect(made).toMatchObject({ state: 'done' })
  expect(told.filter((words) => again.test(words))).toEqual([expect.stringContaining('stack demo-10000000: ')])
  const servers = (await listed(made.facts.stackId ?? '')).filter(
    ({ resource_type: type }) => type === 'OS::Nova::Server',
  )
  expect(servers.map(({ resource_status: status }) => status)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE'])

  told.length = 0
  await novaIs('away')
  expect(await remove(comesBack)).toMatchObject({ state: 'done' })
  expect(told.filter((words) => again.test(words))).toEqual([
    expect.stringContaining('the removal of stack demo-10000000: '),
  ])
})

test('an engine that is killed while it makes a cluster is not the end of it', { timeout: 600_000 }, async () => {
  const { settle, remove, told } = drive('20000000-0000-4000-8000-000000000001')
  await novaIs('slow')
  let killed = false
  const made = await settle({ nodeCount: 1 }, async (words) => {
    if (killed || !words.includes('CREATE_IN_PROGRESS')) return
    await sleep(2000)
    killed = true
    await heat.stop()
    await novaIs('well')
    heat = await startHeat(dir)
  })
  expect(made).toMatchObject({ state: 'done' })
  expect(told).toContainEqual(expect.stringMatching(/Engine went down during .*; it is tried again at/))
  expect(await remove()).toMatchObject({ state: 'done' })
})

test('an engine of today that is killed says nothing; what only it could be at is asked for again', {
  timeout: 600_000,
}, async () => {
  let ahead = 0
  const { settle, remove, told } = drive('30000000-0000-4000-8000-000000000001', () => Date.now() + ahead)
  await heat.stop()
  heat = await startHeat(dir, { newer: true })
  await novaIs('slow')
  const made = await settle({ nodeCount: 1 }, async (words) => {
    // The pause before it is asked for again is waited for, the minutes before that are not.
    if (words.includes('was asked for')) ahead = 0
    if (!words.includes('CREATE_IN_PROGRESS') || words.includes('nothing of it')) return
    await sleep(2000)
    await heat.stop()
    await novaIs('well')
    heat = await startHeat(dir, { newer: true })
    ahead = 2 * 60_000
  })
  expect(made).toMatchObject({ state: 'done' })
  expect(told).toContainEqual(
    expect.stringMatching(/CREATE_IN_PROGRESS, and nothing of it has moved since .*; it is tried again at/),
  )
  const servers = (await listed(made.facts.stackId ?? '')).filter(
    ({ resource_type: type }) => type === 'OS::Nova::Server',
  )
  expect(servers.map(({ resource_status: status }) => status)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE'])
  expect(await remove()).toMatchObject({ state: 'done' })
})
