/** Our own API as a subject of the scenarios: whole, behind the Keystone of a world, with a driver that makes nothing until it is told to. */
import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import {
  createRegistry,
  type Driver,
  type Facts,
  type Health,
  type Progress,
  type Wish,
} from '../../../src/clusters/drivers/index.ts'
import { apiVersion } from '../../../src/clusters/model/index.ts'
import { loadConfig, makeDefinitions, serve } from '../../../src/clusters/serve/index.ts'
import { type KubeObject, refOf } from '../../../src/kube/index.ts'
import type { TestCluster } from '../cluster.ts'
import type { Subject } from './exchange.ts'
import type { World } from './world.ts'

export interface Ours extends Subject {
  /** Lines of its log that tell of faults of its own. */
  readonly faults: readonly string[]
  readonly stop: () => Promise<void>
}

const namespace = 'magnum'

/** Answers when it returns. One a test cluster. */
export async function startOurs(world: World, cluster: TestCluster): Promise<Ours> {
  const { keystone } = world
  const { identity } = keystone
  const { kube, server } = cluster
  const project = await identity.createProject('service')
  const account = await identity.createUser('magnum', { project: project.id, roles: ['admin', 'service'] })
  await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await makeDefinitions(kube, new AbortController().signal)
  const config = loadConfig(
    stringify({
      api: { port: 0, shutdown_seconds: 0 },
      metrics: { port: 0 },
      keystone_authtoken: { auth_url: keystone.authUrl, password: account.password, interface: 'public' },
      kubernetes: { namespace },
    }),
    {},
  )
  const faults: string[] = []
  const { driver, isAsked, whileOpen } = patientDriver()
  const served = await serve({
    config,
    endpoint: server.access,
    name: 'ours',
    drivers: createRegistry([driver]),
    log: ({ level, message, facts }) => void (level === 'ERROR' && faults.push(`${message} ${JSON.stringify(facts)}`)),
  })
  await served.ready
  const until = async (isSo: (cluster: KubeObject) => boolean): Promise<void> => {
    const { items } = await kube.list({ apiVersion, kind: 'Cluster' }, { namespace })
    const patience = AbortSignal.timeout(120_000)
    for (let one of items)
      while (!isSo(one)) {
        patience.throwIfAborted()
        await new Promise((done) => setTimeout(done, 30))
        const now = await kube.get(refOf(one))
        if (now === undefined) break
        one = now
      }
  }
  return {
    url: `${served.url}/v1`,
    faults,
    rest: async () => await until((one) => isResting(one) || isAsked(one.metadata.name, wishedOf(one))),
    settle: async () => await whileOpen(async () => await until(isResting)),
    stop: served.stop,
  }
}

const wishedOf = ({ spec }: KubeObject): string =>
  (spec as { readonly operation: { readonly id: string } }).operation.id

function isResting(cluster: KubeObject): boolean {
  const { metadata, status } = cluster
  const reached = status as { readonly operation?: string } | undefined
  return metadata['deletionTimestamp'] === undefined && reached?.operation === wishedOf(cluster)
}

/** As Heat names its stacks. */
const stacks = new Map<string, string>()

function stackOf(uuid: string): string {
  const stack = stacks.get(uuid) ?? randomUUID()
  stacks.set(uuid, stack)
  return stack
}

/** Everything waits until it is open; then it is there, and so is what the oracle pretends of it. */
function patientDriver() {
  let isOpen = false
  /** What was asked for, and how often: at the second time all is written that was said at the first. */
  const asked = new Map<string, { readonly operation: string; readonly what: string; readonly times: number }>()
  const take = (wish: Wish, what: string): void => {
    const { uuid, spec } = wish.cluster
    const { id: operation } = spec.operation
    const before = asked.get(uuid)
    const isSame = before?.operation === operation && before.what === what
    asked.set(uuid, { operation, what, times: isSame ? before.times + 1 : 1 })
  }
  const answer = (wish: Wish): Progress => {
    const facts = isOpen ? made(wish) : begun(wish)
    return isOpen ? { state: 'done', facts } : { state: 'waiting', for: 'a test', afterMs: 100, facts }
  }
  const driver: Driver = {
    name: 'patient',
    covers: ['fedora-coreos', 'croque'].flatMap((distro) =>
      (['vm', 'bm'] as const).map((serverType) => ({ coe: 'kubernetes', distro, serverType })),
    ),
    reconcile: async (wish) => {
      take(wish, 'make')
      return answer(wish)
    },
    remove: async (wish) => {
      take(wish, 'remove')
      return isOpen ? { state: 'done', facts: {} } : answer(wish)
    },
    // Nobody knows better than who reported it, as in Magnum with a driver that does not look.
    health: async ({ cluster: { status } }) =>
      ({ status: status.healthStatus, reason: status.healthStatusReason }) as Health,
  }
  return {
    driver,
    isAsked: (uuid: string, operation: string): boolean => {
      const last = asked.get(uuid)
      return last !== undefined && last.operation === operation && last.times > 1
    },
    whileOpen: async (work: () => Promise<void>): Promise<void> => {
      isOpen = true
      await work()
      isOpen = false
    },
  }
}

const begun = ({ cluster, nodeGroups }: Wish): Facts => ({
  stackId: stackOf(cluster.uuid),
  nodeGroups: Object.fromEntries(nodeGroups.map(({ uuid }) => [uuid, { stackId: stackOf(uuid) }])),
})

function made({ cluster, nodeGroups }: Wish): Facts {
  const groups = nodeGroups.map(({ uuid, spec }) => {
    const address = spec.role === 'master' ? '10.0.0.5' : '10.0.0.11'
    return [uuid, { stackId: stackOf(uuid), nodeAddresses: spec.nodeCount === 0 ? [] : [address] }] as const
  })
  return {
    stackId: stackOf(cluster.uuid),
    apiAddress: 'https://10.0.0.5:6443',
    coeVersion: 'v1.35.0',
    nodeGroups: Object.fromEntries(groups),
  }
}
