/**
 * The API of clusters: one replica beside a Magnum 22.0.0, both behind one Keystone and asked by the same clients in turns, so that what
 * else the machine does falls on both; and one replica with 10,000 clusters in 1,000 projects. Magnum has what a deployer gives it and
 * more: uWSGI with a process a core and four threads each, its cache of tokens in memory (as without memcached), its database a file. It
 * logs in at Keystone for every policy check, and of those a list has many; how it would be without that is told beside.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Benchmark, BenchmarkRow } from '../src/cli/commands/bench.ts'
import { openTestCluster, type TestCluster } from '../test/integration/cluster.ts'
import { applyDefinitions } from '../test/integration/clusters.ts'
import { type Magnum, startMagnum } from '../test/integration/magnum/magnum.ts'
import { templateBody } from '../test/integration/magnum/requests/made.ts'
import { openWorld, type World } from '../test/integration/magnum/world.ts'
import { median, row } from './measure/index.ts'
import { ask, both, type Load, load, noLoad, quantile, rate, type Target } from './measure/load.ts'
import { type Replica, startReplica } from './measure/replica.ts'
import { putClusters } from './measure/stored-clusters.ts'

const few = 100
const many = 10_000
const clients = 4
const rounds = 4
const secondsOfRound = 3
const creations = 15
const starts = 3

interface Scene {
  readonly dir: string
  readonly world: World
  readonly cluster: TestCluster
  /** A replica whose clusters are in this namespace. */
  readonly replica: (namespace: string) => Promise<Replica>
}

export const bench: Benchmark = {
  measure: async () => {
    const parts = new AsyncDisposableStack()
    try {
      const scene = await setUp(parts)
      return [...(await besideMagnum(scene)), ...(await withMany(scene))]
    } finally {
      await parts.disposeAsync()
    }
  },
}

async function setUp(parts: AsyncDisposableStack): Promise<Scene> {
  const dir = await mkdtemp(join(tmpdir(), 'croque-bench-'))
  parts.defer(async () => await rm(dir, { recursive: true, force: true }))
  const world = await openWorld(dir)
  parts.defer(world.close)
  const cluster = await openTestCluster()
  parts.defer(cluster.close)
  await applyDefinitions(cluster.kube)
  const { identity, authUrl } = world.keystone
  const project = await identity.createProject('croque')
  const account = await identity.createUser('croque', { project: project.id, roles: ['admin', 'service'] })
  const login = {
    auth_url: authUrl,
    username: 'croque',
    password: account.password,
    project_name: 'croque',
    interface: 'public',
  }
  const replica = async (namespace: string): Promise<Replica> =>
    await startReplica({
      endpoint: cluster.server.access,
      config: stringify({
        api: { port: 0 },
        metrics: { port: 0 },
        keystone_authtoken: login,
        kubernetes: { namespace },
        quotas: { max_clusters_per_project: 1000 },
      }),
      logFile: join(dir, `${namespace}.log`),
    })
  for (const name of ['few', 'many', 'none'])
    await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  return { dir, world, cluster, replica }
}

/** All have 100 clusters of one project, and a member of it asks. */
async function besideMagnum(scene: Scene): Promise<readonly BenchmarkRow[]> {
  const { world, cluster, replica } = scene
  const token = (await world.token('member')) ?? ''
  const project = world.names.get('project:red') ?? ''
  const { etcdUrl } = cluster.server
  const [uuid = ''] = await putClusters({ etcdUrl, namespace: 'few', count: few, projectOf: () => project })
  const ours = await replica('few')
  const magnums: Filled[] = []
  try {
    for (const logins of [true, false]) magnums.push(await filledMagnum(scene, logins, token))
    const rows: BenchmarkRow[] = []
    for (const [what, path] of [
      [`GET /v1/clusters (${few})`, () => ''],
      ['GET /v1/clusters/{id}', (id: string) => `/${id}`],
    ] as const)
      rows.push(
        ...(await compared(what, { url: `${ours.url}/clusters${path(uuid)}`, token }, [
          ...magnums.map(({ magnum, uuid: its }) => ({ url: `${magnum.url}/clusters${path(its)}`, token })),
        ])),
      )
    return [...rows, await created(ours, token, world)]
  } finally {
    for (const { magnum } of magnums) await magnum.stop()
    await ours.stop()
  }
}

interface Filled {
  readonly magnum: Magnum
  readonly uuid: string
}

async function filledMagnum({ dir, world }: Scene, logins: boolean, token: string): Promise<Filled> {
  const magnum = await startMagnum({
    keystone: world.keystone,
    dir: join(dir, `magnum-${logins}`),
    asSlowAsIs: logins ? true : 'but for logins',
    processes: availableParallelism(),
  })
  return { magnum, uuid: await fillMagnum(magnum, token) }
}

/** `theirs`: Magnum as it is, which the figure is about; then without its logins. */
async function compared(what: string, ours: Target, theirs: readonly Target[]): Promise<readonly BenchmarkRow[]> {
  const all = [ours, ...theirs]
  // Tokens are known and code is warm then.
  for (const target of all) await load(target, clients, 1)
  let loads: readonly Load[] = all.map(() => noLoad)
  for (let round = 0; round < rounds; round += 1) {
    const next: Load[] = []
    for (const target of all) next.push(await load(target, clients, secondsOfRound))
    loads = loads.map((before, index) => both(before, next[index] ?? noLoad))
  }
  const [our = noLoad, asIs = noLoad, lean = noLoad] = loads
  return [...beside(what, our, asIs, true), ...beside(`${what}, Magnum without its logins`, our, lean, false)]
}

function beside(what: string, our: Load, their: Load, isFigure: boolean): readonly BenchmarkRow[] {
  const times = rate(our) / rate(their)
  const [p99, theirP99] = [quantile(our, 0.99), quantile(their, 0.99)]
  const by = `Magnum ${rate(their).toFixed(2)}/s, ${their.requests} requests`
  return [
    {
      what: `${what}: requests a second, ${clients} clients`,
      measured: `${times.toFixed(1)} x (${rate(our).toFixed(0)}/s; ${by})`,
      reach: isFigure ? '10 x' : '',
      ok: !isFigure || times >= 10,
    },
    {
      what: `${what}: 99 of 100 within`,
      measured: `1/${(theirP99 / p99).toFixed(1)} (${p99.toFixed(1)} ms; Magnum ${theirP99.toFixed(0)} ms)`,
      reach: isFigure ? '1/10' : '',
      ok: !isFigure || p99 * 10 <= theirP99,
    },
  ]
}

/** One cluster that it made itself, and copies of it. */
async function fillMagnum(magnum: Magnum, token: string): Promise<string> {
  const template = await post(`${magnum.url}/clustertemplates`, token, templateBody)
  const uuid = await post(`${magnum.url}/clusters`, token, clusterBody(template))
  await magnum.settle()
  const id = "lower(hex(randomblob(4)) || '-0000-4000-8000-' || hex(randomblob(6)))"
  const copy = (n: number): string => `
    UPDATE c SET id = NULL, name = 'copy-${n}', uuid = ${id};
    UPDATE g SET id = NULL, uuid = ${id}, cluster_id = (SELECT uuid FROM c);
    INSERT INTO cluster SELECT * FROM c;
    INSERT INTO nodegroup SELECT * FROM g;`
  await magnum.sql(`
    CREATE TEMP TABLE c AS SELECT * FROM cluster;
    CREATE TEMP TABLE g AS SELECT * FROM nodegroup;
    ${Array.from({ length: few - 1 }, (_, n) => copy(n)).join('')}`)
  return uuid
}

const clusterBody = (template: string) => ({ name: 'one', cluster_template_id: template, node_count: 2 })

async function post(url: string, token: string, body: object): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'x-auth-token': token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { readonly uuid: string }).uuid
}

/** From the request to the driver; quotas, authorities and node groups are between them, and one question to Keystone: the caller's catalog. */
async function created(ours: Replica, token: string, { keystone }: World): Promise<BenchmarkRow> {
  const template = await post(`${ours.url}/clustertemplates`, token, templateBody)
  const times: number[] = []
  const asked: number[] = []
  for (let n = 0; n < creations; n += 1) {
    const begun = performance.timeOrigin + performance.now()
    const uuid = await post(`${ours.url}/clusters`, token, clusterBody(template))
    times.push((await ours.called(uuid)) - begun)
    await sleep(1500)
    const asks = performance.now()
    await keystone.identity.describe(token)
    asked.push(performance.now() - asks)
  }
  const made = row('from the request for a cluster to its driver', median(times), 100, 'ms', 0)
  return { ...made, measured: `${made.measured}, of which Keystone ${median(asked).toFixed(0)} ms` }
}

async function withMany({ world, cluster, replica }: Scene): Promise<readonly BenchmarkRow[]> {
  const uuids = await putClusters({
    etcdUrl: cluster.server.etcdUrl,
    namespace: 'many',
    count: many,
    projectOf: (n) => (n % 1000).toString(16).padStart(32, 'a'),
  })
  const token = (await world.token('admin')) ?? ''
  const stranger = (await world.token('member')) ?? ''
  // The API server's caches are full after it.
  await startedIn(replica, 'many')
  const empty: Start[] = []
  const full: Start[] = []
  for (let start = 0; start < starts; start += 1) {
    empty.push(await startedIn(replica, 'none'))
    full.push(await startedIn(replica, 'many'))
  }
  const ours = await replica('many')
  try {
    const pages: number[] = []
    for (let turn = 0; turn < 40; turn += 1) {
      const begun = performance.now()
      await ask(`${ours.url}/clusters?limit=1000`, token)
      pages.push(performance.now() - begun)
    }
    const { rss, peak } = ours.memory()
    return [
      await seenByTime(`${ours.url}/clusters`, uuids, stranger),
      row('a page of 1,000 out of 10,000 clusters', median(pages), 50, 'ms'),
      row('memory with 10,000 clusters, at its highest', peak / 1e6, 300, 'MB', 0),
      row('memory with 10,000 clusters, then', rss / 1e6, 300, 'MB', 0),
      startRow('start to ready, no cluster', empty, 1500),
      startRow('start to ready, 10,000 clusters', full),
    ]
  } finally {
    await ours.stop()
  }
}

const pairs = 3000

/** What a stranger learns by the time an answer takes: both are 404, in turns, by UUIDs that were never asked for before. */
async function seenByTime(url: string, uuids: readonly string[], stranger: string): Promise<BenchmarkRow> {
  const [theirs, nobodys]: [number[], number[]] = [[], []]
  for (let pair = 0; pair < pairs; pair += 1) {
    const turn = [
      { times: theirs, uuid: uuids[pair] ?? '' },
      { times: nobodys, uuid: randomUUID() },
    ]
    for (const { times, uuid } of pair % 2 === 0 ? turn : turn.toReversed()) {
      const begun = performance.now()
      const answer = await fetch(`${url}/${uuid}`, { headers: { 'x-auth-token': stranger } })
      await answer.text()
      if (answer.status !== 404) throw new Error(`${uuid} was answered with ${answer.status}`)
      times.push(performance.now() - begun)
    }
  }
  const ratio = median(theirs) / median(nobodys)
  return {
    what: "404 for another project's cluster against one for none: median times",
    measured: `${ratio.toFixed(3)} (${median(theirs).toFixed(3)} ms; ${median(nobodys).toFixed(3)} ms)`,
    reach: '',
    ok: true,
  }
}

type Start = Replica['start']

async function startedIn(replica: Scene['replica'], namespace: string): Promise<Start> {
  const started = await replica(namespace)
  await started.stop()
  return started.start
}

function startRow(what: string, starts: readonly Start[], reach?: number): BenchmarkRow {
  const made = row(what, median(starts.map(({ ready }) => ready)), reach, 'ms', 0)
  const busy = median(starts.map((start) => start.busy))
  return { ...made, measured: `${made.measured}, ${busy.toFixed(0)} ms of a processor` }
}
