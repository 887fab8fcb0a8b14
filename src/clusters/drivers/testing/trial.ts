/** One trial: a world, a plan that happens in it, and what has to be true at the end. */
import { isDeepStrictEqual } from 'node:util'
import { simulatedClock } from '../../clock/index.ts'
import { type Cluster, type ClusterStore, claimPlace, createMemoryStore, visibleStatus } from '../../model/index.ts'
import type { Lease, LeaseVersion } from '../../reconcile/index.ts'
import { watched } from './api-server.ts'
import type { PlanStep } from './plan.ts'
import { type Replica, type Surroundings, startReplica, type Weather } from './replica.ts'
import type { MakeSubject } from './subject.ts'
import { act, type User } from './user.ts'

interface World extends Surroundings {
  readonly replicas: Replica[]
  readonly lease: Lease & { holder(): string | undefined }
  readonly user: User
  readonly watchedWrongs: readonly string[]
}

const fair: Weather = { failing: 0, hanging: 0, hopeless: 0, conflicts: 0, deaf: 0, slow: 0 }

/** @returns what was wrong; empty when all was well */
export async function runTrial(make: MakeSubject, steps: readonly PlanStep[]): Promise<readonly string[]> {
  const world = createWorld(make)
  for (const step of steps) await happen(world, step)
  Object.assign(world.weather, fair)
  world.subject.recover?.()
  for (const replica of world.replicas) replica.cutOff = false
  const jumps = steps.flatMap((step) => (step.kind === 'jump' ? [step.ms] : []))
  // The clock is set right again, too; what was put down by one that was ahead lies in the future.
  world.clock.jump(-sum(jumps))
  await world.clock.advance(sum(jumps.filter((ms) => ms > 0)))
  await rest(world)
  const problems = [...(await afterwards(world)), ...(await afterGoing(world)), ...wrongsOf(world)]
  const stopping = Promise.all(world.replicas.map((replica) => replica.stop()))
  await world.clock.advance(minute)
  await stopping
  return problems
}

const wrongsOf = ({ wrongs, watchedWrongs, subject }: World): readonly string[] => [
  ...wrongs,
  ...watchedWrongs,
  ...(subject.wrongs?.() ?? []),
]

function createWorld(make: MakeSubject): World {
  const clock = simulatedClock()
  const { store, wrongs: watchedWrongs } = watched(createMemoryStore({ now: () => new Date(clock.now()) }))
  const random = sequence()
  let ids = 0
  const newId = (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`
  const world: World = {
    clock,
    random,
    newId,
    store,
    watchedWrongs,
    lease: leaseInMemory(),
    subject: make(clock),
    weather: { ...fair },
    calls: new Map(),
    wrongs: [],
    replicas: [],
    user: { store, clock, newId },
  }
  for (const name of ['one', 'two']) world.replicas.push(startReplica(name, world))
  return world
}

async function happen(world: World, step: PlanStep): Promise<void> {
  const { clock, store, weather, newId } = world
  switch (step.kind) {
    case 'user':
      await act(world.user, step.cluster, step.step, step.settles)
      return
    case 'abandon':
      await claimPlace(store, {
        projectId: 'project',
        clusterId: newId(),
        defaultLimit: 20,
        now: () => new Date(clock.now()),
      })
      return
    case 'wait':
      await clock.advance(step.ms)
      return
    case 'weather':
      weather[step.what] += step.count
      return
    case 'death': {
      const [cluster] = store.clusters.named(step.cluster)
      if (cluster !== undefined) world.subject.kill?.(cluster.uuid, step.nth)
      return
    }
    case 'ailment':
      world.subject.ail?.(step.nth, step.count)
      return
    case 'slow':
      weather.slow = step.ms
      return
    case 'kill':
      replaceLeader(world)
      return
    case 'cut-off': {
      const leader = world.replicas.find(({ identity }) => identity === world.lease.holder())
      if (leader === undefined) return
      leader.cutOff = true
      clock.after(step.ms, () => {
        leader.cutOff = false
      })
      return
    }
    case 'jump':
      clock.jump(step.ms)
  }
}

function replaceLeader(world: World): void {
  const at = world.replicas.findIndex(({ identity }) => identity === world.lease.holder())
  if (at < 0) return
  world.replicas[at]?.kill()
  world.replicas[at] = startReplica(world.newId(), world)
}

const minute = 60_000

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Long enough in a world that is well for a new leader, every back-off, and what was stuck to be tried again. */
async function rest({ clock }: World): Promise<void> {
  await clock.advance(30 * minute)
}

/** The world is well again, and users try once more what failed: now everything is as they wished last. */
async function afterwards(world: World): Promise<readonly string[]> {
  const { store, user } = world
  const stuck = store.clusters.all().filter((cluster) => visibleStatus(cluster).endsWith('_IN_PROGRESS'))
  for (const { spec } of store.clusters.all())
    await act(user, spec.name, { act: 'rotate', kind: 'rotate-credential' }, true)
  await rest(world)
  const states = await Promise.all(store.clusters.all().map(async (cluster) => await differences(world, cluster)))
  return [...stuck.map((cluster) => `Cluster ${cluster.spec.name} stays ${visibleStatus(cluster)}`), ...states.flat()]
}

async function differences({ store, subject }: World, cluster: Cluster): Promise<readonly string[]> {
  const status = visibleStatus(cluster)
  if (status === 'CREATE_FAILED') return []
  const name = `Cluster ${cluster.spec.name} (${status})`
  const groups = store.nodeGroups.ofCluster(cluster.uuid)
  const wished = Object.fromEntries(
    groups.map(({ uuid, spec }) => [
      uuid,
      { nodes: spec.nodeCount, templates: spec.nodeCount === 0 ? [] : [spec.templateId] },
    ]),
  )
  const seen = await subject.look(cluster.uuid)
  return [
    status.endsWith('_COMPLETE') ? [] : `${name} did not succeed: ${cluster.status.statusReason}`,
    isDeepStrictEqual(seen, wished) ? [] : `${name} is ${JSON.stringify(seen)}, wished is ${JSON.stringify(wished)}`,
    cluster.status.progress === undefined ? [] : `${name} still waits: ${cluster.status.progress}`,
    groups.every((group) => group.status.status?.endsWith('_COMPLETE') === true)
      ? []
      : `${name} has node groups that are not complete: ${groups.map((group) => group.status.status).join(' ')}`,
    groups.every(({ spec }) => spec.nodesToRemove.length === 0) ? [] : `${name} still wants nodes to be removed`,
  ].flat()
}

/** Everybody deletes everything: nothing is left of it anywhere. */
async function afterGoing(world: World): Promise<readonly string[]> {
  const { store, user, subject } = world
  const clusters = store.clusters.all()
  for (const { spec } of clusters) await act(user, spec.name, { act: 'delete' }, true)
  await rest(world)
  // Until old places in quotas are swept.
  await world.clock.advance(75 * minute)
  const left = await Promise.all(clusters.map(async ({ uuid }) => await subject.look(uuid)))
  return [
    ...store.clusters.all().map((cluster) => `Cluster ${cluster.spec.name} stays ${visibleStatus(cluster)}`),
    ...store.nodeGroups.all().map(({ spec }) => `Node group ${spec.name} is left`),
    ...left.flatMap((seen) => (seen === undefined ? [] : [`In the cloud there is still ${JSON.stringify(seen)}`])),
    ...claimsLeft(store),
  ]
}

const claimsLeft = (store: ClusterStore): readonly string[] =>
  store.quotas.all().flatMap(({ spec }) => Object.keys(spec.claims).map((id) => `A place is still taken for ${id}`))

function leaseInMemory(): World['lease'] {
  let stored: LeaseVersion | undefined
  let version = 0
  return {
    holder: () => stored?.record.holder,
    read: async () => stored,
    write: async (record, over) => {
      if (over?.version !== stored?.version) return undefined
      stored = { version: String(++version), record }
      return stored
    },
  }
}

/** The same numbers in every trial: what differs is the plan. */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
