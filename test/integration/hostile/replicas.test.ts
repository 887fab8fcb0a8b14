/** Two replicas as processes, killed under load at moments that a seed chooses: what was acknowledged is there, once, and comes true. */
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiVersion, type ClusterSpec, clusterLabel, projectLabel } from '../../../src/clusters/model/index.ts'
import type { KubeObject } from '../../../src/kube/index.ts'
import { random } from '../../random.ts'
import type { Person } from '../magnum/world.ts'
import { type Answered, type Client, clientOf } from './client.ts'
import { namespace, openStage, type Place, type Stage } from './stage.ts'

const seed = Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000)
/** Of a project that nobody gave a quota. */
const limit = 10
const kills = 6

let dir: string
let stage: Stage
let places: readonly Place[]
const tokens = new Map<Person, string>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-replicas-'))
  stage = await openStage(dir)
  // One after the other, while nothing else is going on.
  for (const person of ['admin', 'member', 'second', 'other'] as const)
    tokens.set(person, (await stage.world.token(person)) ?? '')
  const more = { quotas: { max_clusters_per_project: limit } }
  places = [await stage.place(more), await stage.place(more)]
  await Promise.all(places.map(({ start }) => start()))
  const { ask } = clientFor('admin')
  const flavors = { flavor_id: 'm1.small', master_flavor_id: 'm1.small' }
  const body = { name: 'small', coe: 'kubernetes', image_id: 'coreos', public: true, ...flavors }
  const { status } = await ask({ method: 'POST', path: '/clustertemplates', body })
  expect(status).toBe(201)
})

afterAll(async () => {
  await stage?.close()
  await rm(dir, { recursive: true, force: true })
})

/** `write` with the replica and the method: something is being changed there. */
const writes = new EventEmitter()

const clientFor = (person: Person, next?: () => number): Client =>
  clientOf(
    places.map(({ url }) => url),
    tokens.get(person) ?? '',
    {
      ...(next === undefined ? {} : { next }),
      sends: (url, { method = 'GET' }) => method !== 'GET' && writes.emit('write', url, method),
    },
  )

/** What a client knows of a cluster of its own. */
interface Owned {
  readonly name: string
  readonly uuid: string
  /** How many workers it may have by now: several where a request had no answer. */
  counts: ReadonlySet<number>
  /** Whether it goes for certain; undefined: nobody was told. */
  goes: boolean | undefined
}

interface Told {
  readonly clusters: Owned[]
  /** How often a create of that name had no answer and was not there when it was looked for. */
  readonly lost: Map<string, number>
  /** What must not be. */
  readonly wrong: string[]
  acknowledged: number
  unanswered: number
}

/** One who makes, changes and deletes clusters until the signal aborts, one request after the other. */
async function work(me: string, client: Client, next: () => number, until: AbortSignal): Promise<Told> {
  const told: Told = { clusters: [], lost: new Map(), wrong: [], acknowledged: 0, unanswered: 0 }
  const pick = (most: number): number => Math.floor(next() * most)
  const expected = (what: string, { status, body }: Answered, ...statuses: readonly number[]): boolean => {
    if (status < 300) told.acknowledged += 1
    if (!statuses.includes(status)) told.wrong.push(`${me} ${what}: ${status} ${JSON.stringify(body)}`)
    return status < 300
  }
  const noted = async (): Promise<undefined> => {
    told.unanswered += 1
    return await Promise.resolve(undefined)
  }

  const create = async (): Promise<void> => {
    const name = `${me}-${told.clusters.length + told.lost.size}-${pick(1e6)}`
    const count = 1 + pick(3)
    const body = { name, cluster_template_id: 'small', node_count: count }
    const answer = await client.ask({ method: 'POST', path: '/clusters', body }, async () => {
      told.unanswered += 1
      // Names tell whether it was carried out, once the one who was killed cannot be at it any more.
      await sleep(500)
      const found = await client.ask({ path: `/clusters/${name}` })
      if (found.status === 200) return { status: 202, body: found.body }
      told.lost.set(name, (told.lost.get(name) ?? 0) + 1)
      return undefined
    })
    if (!expected('create', answer, 202, 403)) return
    const uuid = String(answer.body['uuid'])
    told.clusters.push({ name, uuid, counts: new Set([count]), goes: false })
    const shown = await client.ask({ path: `/clusters/${uuid}` })
    if (shown.status !== 200 || shown.body['name'] !== name)
      told.wrong.push(`${me}: ${name} was made, then ${shown.status}`)
  }
  const change = async (cluster: Owned): Promise<void> => {
    const count = pick(4)
    const path = `/clusters/${cluster.uuid}`
    const resize = next() < 0.5
    const asked = resize
      ? ({ method: 'POST', path: `${path}/actions/resize`, body: { node_count: count } } as const)
      : ({ method: 'PATCH', path, body: [{ op: 'replace', path: '/node_count', value: count }] } as const)
    const answer = await client.ask(asked, async () => {
      cluster.counts = new Set([...cluster.counts, count])
      return await noted()
    })
    if (!expected(resize ? 'resize' : 'patch', answer, 202, 400, 409)) return
    cluster.counts = new Set([count])
    const shown = await client.ask({ path })
    if (shown.body['node_count'] !== count)
      told.wrong.push(`${me}: ${cluster.name} has ${count} nodes, then ${JSON.stringify(shown.body)}`)
  }
  const remove = async (cluster: Owned): Promise<void> => {
    const answer = await client.ask({ method: 'DELETE', path: `/clusters/${cluster.uuid}` }, async () => {
      cluster.goes = undefined
      return await noted()
    })
    // Whoever asks again may find it gone.
    expected('delete', answer, 204, ...(cluster.goes === undefined ? [404] : []))
    cluster.goes = true
    const { status, body } = await client.ask({ path: `/clusters/${cluster.uuid}` })
    if (status !== 404 && !String(body['status']).startsWith('DELETE'))
      told.wrong.push(`${me}: ${cluster.name} was deleted, then ${status} ${JSON.stringify(body)}`)
  }

  while (!until.aborted) {
    const mine = told.clusters.filter(({ goes }) => goes === false)
    const one = mine[pick(mine.length)]
    const dice = next()
    if (one === undefined || (mine.length < 3 && dice < 0.2)) await create()
    else await (dice < 0.8 ? change(one) : remove(one))
    await sleep(pick(50))
  }
  return told
}

const clustersNow = async (): Promise<readonly KubeObject[]> =>
  (await stage.cluster.kube.list({ apiVersion, kind: 'Cluster' }, { namespace })).items

/** The most clusters that a project ever had, as far as one who looks all the time can see. */
async function watchQuota(until: AbortSignal): Promise<number> {
  let most = 0
  while (!until.aborted) {
    const projects = (await clustersNow()).map(({ metadata }) => metadata.labels?.[projectLabel])
    for (const project of projects) most = Math.max(most, projects.filter((other) => other === project).length)
    await sleep(100)
  }
  return most
}

test(`killed at any moment under load, seed ${seed}`, async () => {
  const next = random(seed)
  const ended = new AbortController()
  const people: readonly Person[] = ['member', 'second', 'other', 'member', 'second', 'other', 'other', 'member']
  const working = people.map((person, at) =>
    work(`${person}${at}`, clientFor(person, random(seed - 1 - at)), random(seed + 1 + at), ended.signal),
  )
  const quota = watchQuota(ended.signal)
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(300 + next() * 1500)
    // In the middle of a change: looking things up for a new cluster takes longest.
    const [url, method] = (await once(writes, 'write')) as [string, string]
    await sleep(next() * (method === 'POST' ? 1500 : 150))
    const victims = next() < 0.2 ? places : places.filter((place) => place.url === url)
    await Promise.all(victims.map((victim) => victim.kill()))
    await sleep(next() * 1000)
    await Promise.all(victims.map((victim) => victim.start()))
  }
  ended.abort()
  const told = await Promise.all(working)
  expect(told.flatMap(({ wrong }) => wrong)).toEqual([])
  // Else nothing was tried.
  const all = told.flatMap(({ clusters }) => clusters)
  const sum = (count: (one: Told) => number): number => told.reduce((total, one) => total + count(one), 0)
  expect(sum(({ acknowledged }) => acknowledged)).toBeGreaterThan(30)
  expect(sum(({ unanswered }) => unanswered)).toBeGreaterThan(kills / 2)
  expect(await quota).toBeLessThanOrEqual(limit)

  const admin = clientFor('admin')
  const resting = async (): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    for (;;) {
      const { body } = await admin.ask({ path: '/clusters/detail' })
      const clusters = body['clusters'] as readonly Readonly<Record<string, unknown>>[]
      if (clusters.every(({ status }) => /_(COMPLETE|FAILED)$/.test(String(status)))) return clusters
      await sleep(200)
    }
  }
  const there = await resting()
  expect(there.filter(({ status }) => !/^(CREATE|UPDATE)_COMPLETE$/.test(String(status)))).toEqual([])
  const shown = new Map(there.map((cluster) => [cluster['uuid'], cluster]))
  for (const { uuid, goes, name, counts } of all) {
    const found = shown.get(uuid)
    if (goes !== undefined) expect(found === undefined, `${name} ${uuid} goes: ${goes}`).toBe(goes)
    if (found !== undefined) expect([...counts], name).toContain(found['node_count'])
  }
  // Once, but for creates that were carried out after nobody could find them any more.
  const lost = new Map(told.flatMap(({ lost: names }) => [...names]))
  const owned = new Set(all.map(({ uuid }) => uuid))
  const strangers = there.filter(({ uuid }) => !owned.has(String(uuid)))
  for (const [name, twins] of Map.groupBy(strangers, (cluster) => String(cluster['name'])))
    expect(twins.length, name).toBeLessThanOrEqual(lost.get(name) ?? 0)
  await expectCloud(there)
}, 600_000)

/** What is pretended is what is wished, of each cluster and of no other; nothing is left of those that went. */
async function expectCloud(there: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  const { kube } = stage.cluster
  const objects = await clustersNow()
  const uuids = there.map(({ uuid }) => String(uuid)).toSorted()
  expect(objects.map(({ metadata }) => metadata.name).toSorted()).toEqual(uuids)
  const { items: groups } = await kube.list({ apiVersion, kind: 'NodeGroup' }, { namespace })
  const ofGroups = groups.map((group) => (group as unknown as { spec: { clusterId: string } }).spec.clusterId)
  expect(ofGroups.toSorted()).toEqual(uuids.flatMap((uuid) => [uuid, uuid]))
  const { items: secrets } = await kube.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace })
  // Secrets of clusters that went are collected by Kubernetes, of which only the API server is here; what was in them is gone before.
  const pretended = secrets.flatMap(({ metadata, data }) => {
    const text = (data as Readonly<Record<string, string>> | undefined)?.['infrastructure.json']
    return text === undefined
      ? []
      : [{ uuid: metadata.labels?.[clusterLabel], text: Buffer.from(text, 'base64').toString() }]
  })
  expect(pretended.map(({ uuid }) => uuid).toSorted()).toEqual(uuids)
  for (const { uuid, text } of pretended) {
    const made = JSON.parse(text) as { groups: Record<string, { nodes: unknown[] }> }
    const nodes = Object.values(made.groups).reduce((sum, group) => sum + group.nodes.length, 0)
    const shown = there.find((cluster) => cluster['uuid'] === uuid)
    expect(nodes, JSON.stringify(shown)).toBe(Number(shown?.['node_count']) + Number(shown?.['master_count']))
  }
  const specs = objects.map((object) => object as unknown as { readonly spec: ClusterSpec })
  expect(specs.every(({ spec }) => spec.operation.kind !== 'delete')).toBe(true)
}

test('a quota holds under a hundred creates at once, at two replicas', async () => {
  const admin = clientFor('admin')
  const project = stage.world.names.get('project:admin') ?? ''
  const quota = { project_id: project, hard_limit: 7, resource: 'Cluster' }
  expect((await admin.ask({ method: 'POST', path: '/quotas', body: quota })).status).toBe(201)
  // What they look up is answered at one moment, so that they meet where places are taken.
  const { behaviour } = stage.world.fake
  const together = Date.now() + 6000
  behaviour.delay = () => Math.max(0, together - Date.now())
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const body = { name: `rush-${at}`, cluster_template_id: 'small', node_count: 1 }
      return await admin.ask({ method: 'POST', path: '/clusters', body })
    }),
  )
  behaviour.delay = () => 0
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 403]))
  const mine = (await clustersNow()).filter(({ metadata }) => metadata.labels?.[projectLabel] === project)
  expect(mine).toHaveLength(7)
  for (const { body } of answers.filter(({ status }) => status === 202))
    expect((await admin.ask({ path: `/clusters/${String(body['uuid'])}` })).status).toBe(200)
  // A place that is given back can be taken, once.
  const [first] = mine
  await admin.ask({ method: 'DELETE', path: `/clusters/${first?.metadata.name}` })
  while ((await admin.ask({ path: `/clusters/${first?.metadata.name}` })).status !== 404) await sleep(100)
  const again = async (): Promise<number> =>
    (await admin.ask({ method: 'POST', path: '/clusters', body: { name: 'again', cluster_template_id: 'small' } }))
      .status
  let status = await again()
  for (let tries = 0; tries < 50 && status === 403; tries += 1) {
    await sleep(100)
    status = await again()
  }
  expect(status).toBe(202)
  expect(await again()).toBe(403)
}, 600_000)

test("another project's is as what is not there: the same answers, and nothing happens to it", async () => {
  const [owner, stranger] = [clientFor('member'), clientFor('other')]
  const project = stage.world.names.get('project:red') ?? ''
  const quota = { project_id: project, hard_limit: 1000, resource: 'Cluster' }
  await clientFor('admin').ask({ method: 'POST', path: '/quotas', body: quota })
  const flavors = { flavor_id: 'm1.small', master_flavor_id: 'm1.small' }
  const template = { name: 'secret', coe: 'kubernetes', image_id: 'coreos', ...flavors }
  const { body: made } = await owner.ask({ method: 'POST', path: '/clustertemplates', body: template })
  const name = 'private'
  const create = { method: 'POST', path: '/clusters', body: { name, cluster_template_id: 'secret' } } as const
  const uuid = String((await owner.ask(create)).body['uuid'])
  const shown = async (): Promise<Answered> => await owner.ask({ path: `/clusters/${uuid}` })
  while ((await shown()).body['status'] !== 'CREATE_COMPLETE') await sleep(100)
  const absent = '12345678-0000-4000-8000-123456789abc'
  const pairs = {
    cluster: [uuid, absent, name, 'x'.repeat(name.length)],
    template: [String(made['uuid']), absent, 'secret', 'absent'],
    project: [project, absent.replaceAll('-', '')],
  } as const
  const csr = { csr: 'x' }
  const patch = [{ op: 'replace', path: '/node_count', value: 3 }]
  const requests: readonly (readonly [keyof typeof pairs, 'GET' | 'POST' | 'PATCH' | 'DELETE', string, unknown?])[] = [
    ['cluster', 'GET', '/clusters/{}'],
    ['cluster', 'GET', '/clusters/{}/nodegroups'],
    ['cluster', 'GET', '/clusters/{}/nodegroups/default-worker'],
    ['cluster', 'GET', '/certificates/{}'],
    ['cluster', 'GET', '/clusters?marker={}'],
    ['cluster', 'PATCH', '/clusters/{}', patch],
    ['cluster', 'PATCH', '/certificates/{}', {}],
    ['cluster', 'PATCH', '/credentials/{}', {}],
    [
      'cluster',
      'PATCH',
      '/clusters/{}/nodegroups/default-worker',
      [{ op: 'replace', path: '/min_node_count', value: 1 }],
    ],
    ['cluster', 'POST', '/clusters/{}/nodegroups', { name: 'mine', flavor_id: 'm1.small' }],
    ['cluster', 'POST', '/clusters/{}/actions/resize', { node_count: 0 }],
    ['cluster', 'POST', '/clusters/{}/actions/upgrade', { cluster_template: 'small' }],
    ['cluster', 'POST', '/certificates', { ...csr, cluster_uuid: '{}' }],
    ['cluster', 'POST', '/federations', { hostcluster_id: '{}', properties: { 'dns-zone': 'x' } }],
    ['cluster', 'DELETE', '/clusters/{}/nodegroups/default-worker'],
    ['cluster', 'DELETE', '/clusters/{}'],
    ['template', 'GET', '/clustertemplates/{}'],
    ['template', 'GET', '/clustertemplates?marker={}'],
    ['template', 'PATCH', '/clustertemplates/{}', [{ op: 'replace', path: '/name', value: 'mine' }]],
    ['template', 'POST', '/clusters', { name: 'theft', cluster_template_id: '{}' }],
    ['template', 'DELETE', '/clustertemplates/{}'],
    ['project', 'GET', '/quotas/{}/Cluster'],
    ['project', 'PATCH', '/quotas/{}/Cluster', { hard_limit: 1 }],
    ['project', 'DELETE', '/quotas/{}/Cluster'],
    ['project', 'GET', '/stats?project_id={}'],
  ]
  // Links are of the replica that answers, and health is looked at all the time.
  const unchanged = ({ body: { links, health_status, health_status_reason, ...body } }: Answered): unknown => body
  const before = await shown()
  for (const [what, method, path, body] of requests) {
    const answers: string[] = []
    for (const ident of pairs[what]) {
      const put = (text: string): string => text.replaceAll('{}', ident)
      const sent =
        body === undefined ? {} : { body: JSON.parse(JSON.stringify(body).replaceAll('"{}"', `"${ident}"`)) as unknown }
      const answer = await stranger.ask({ method, path: put(path), ...sent })
      expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(400)
      expect(answer.status, `${method} ${path}`).toBeLessThan(500)
      answers.push(JSON.stringify(answer).replaceAll(ident, '{}'))
    }
    for (let at = 0; at < answers.length; at += 2) expect(answers[at], `${method} ${path}`).toBe(answers[at + 1])
  }
  const seen = await Promise.all(
    ['/clusters', '/clusters/detail', '/clustertemplates/detail', '/quotas'].map(async (path) =>
      stranger.ask({ path }),
    ),
  )
  expect(JSON.stringify(seen)).not.toMatch(new RegExp(`${uuid}|${name}|${project}|${String(made['uuid'])}`))
  expect(unchanged(await shown())).toEqual(unchanged(before))
  expect((await owner.ask({ path: '/clustertemplates/secret' })).body).toMatchObject({
    uuid: made['uuid'],
    name: 'secret',
  })
}, 600_000)
