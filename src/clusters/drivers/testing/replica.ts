/** One replica of the reconciler: it may be cut off from the API server, and killed at any moment. */
import type { SimulatedClock } from '../../clock/index.ts'
import { type ClusterStore, ConflictError } from '../../model/index.ts'
import { type Lease, runReconciler } from '../../reconcile/index.ts'
import type { Driver } from '../driver.ts'
import { createRegistry } from '../registry.ts'
import { type Gate, throughGate } from './api-server.ts'
import type { Hazard, Subject } from './subject.ts'

/** What is wrong with the world right now. */
export interface Weather {
  /** Calls of the cloud that fail from now on. */
  failing: number
  /** Calls of the cloud that hang from now on. */
  hanging: number
  /** Calls of the cloud that will never do. */
  hopeless: number
  /** Writes of reconcilers that somebody else was quicker with. */
  conflicts: number
  /** Writes of reconcilers that are done, but whose answer gets lost. */
  deaf: number
  /** Milliseconds that a call of the cloud takes. */
  slow: number
}

export interface Surroundings {
  readonly clock: SimulatedClock
  readonly random: () => number
  readonly newId: () => string
  readonly store: ClusterStore
  readonly lease: Lease
  readonly subject: Subject
  readonly weather: Weather
  /** Clusters that a driver is called for, by which replica. */
  readonly calls: Map<string, string>
  readonly wrongs: string[]
}

export interface Replica {
  readonly identity: string
  /** Whether the API server can be reached. */
  cutOff: boolean
  /** Nothing of it happens any more, not even an end. */
  kill(): void
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>
}

const never = <Result>(): Promise<Result> => new Promise<Result>(() => undefined)

export function startReplica(identity: string, around: Surroundings): Replica {
  const { clock, calls } = around
  const stopping = new AbortController()
  let dead = false
  const replica = { identity, cutOff: false }
  const gate: Gate = async (write) => {
    if (dead) return await never()
    if (replica.cutOff) throw new Error('the API server cannot be reached')
    return await thoughWeather(around.weather, write)
  }
  const lease: Lease = {
    read: async (signal) => await reached(async () => await around.lease.read(signal)),
    write: async (...args) => await reached(async () => await around.lease.write(...args)),
  }
  const reached = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (dead) return await never()
    if (replica.cutOff) throw new Error('the API server cannot be reached')
    return await call()
  }
  const ended = runReconciler(
    {
      clock,
      random: around.random,
      newId: around.newId,
      store: throughGate(around.store, gate),
      drivers: createRegistry([counted(around, identity, () => dead)], { imaginary: true }),
      certificates: { prepare: async () => ({ phase: 'settled' }), conclude: async () => 'done' },
      tell: () => undefined,
      defaultLimit: 20,
      // Rarer than usual, for less work: what is tried is the order of things, not their pace.
      election: { lease, identity, leaseMs: 300_000, renewMs: 200_000, retryMs: 40_000 },
      health: { everyMs: 300_000 },
      onFailure: () => undefined,
    },
    stopping.signal,
  )
  return Object.assign(replica, {
    kill: () => {
      dead = true
      for (const [id, caller] of calls) if (caller === identity) calls.delete(id)
    },
    stop: async () => {
      stopping.abort()
      if (!dead) await ended
    },
  })
}

async function thoughWeather<Result>(weather: Weather, write: () => Promise<Result>): Promise<Result> {
  if (weather.conflicts > 0) {
    weather.conflicts--
    throw new ConflictError('somebody else was quicker')
  }
  const result = await write()
  if (weather.deaf === 0) return result
  weather.deaf--
  throw new Error('the API server gave no answer')
}

/** The driver, with a look at whether it is called twice at once for one cluster. */
function counted(around: Surroundings, identity: string, isDead: () => boolean): Driver {
  const { calls, wrongs, subject } = around
  const driver = subject.driver(hazardOf(around, isDead))
  const alone = async <Result>(id: string, call: () => Promise<Result>): Promise<Result> => {
    if (isDead()) return await never()
    const other = calls.get(id)
    if (other !== undefined) wrongs.push(`${identity} called a driver for cluster ${id} while ${other} did`)
    calls.set(id, identity)
    try {
      return await call()
    } finally {
      if (!isDead()) calls.delete(id)
    }
  }
  return {
    ...driver,
    reconcile: async (wish) => await alone(wish.cluster.uuid, async () => await driver.reconcile(wish)),
    remove: async (wish) => await alone(wish.cluster.uuid, async () => await driver.remove(wish)),
    health: async (wish) => await alone(wish.cluster.uuid, async () => await driver.health(wish)),
  }
}

const hazardOf =
  ({ clock, weather, subject }: Surroundings, isDead: () => boolean): Hazard =>
  async (_call, signal) => {
    if (isDead()) return await never()
    if (weather.slow > 0) await passed(clock, weather.slow, signal)
    if (isDead()) return await never()
    if (take(weather, 'hanging')) return await passed(clock, undefined, signal)
    if (take(weather, 'failing')) throw new Error('503 Service Unavailable')
    if (subject.hopeless !== undefined && take(weather, 'hopeless')) throw subject.hopeless()
  }

function take(weather: Weather, what: 'hanging' | 'failing' | 'hopeless'): boolean {
  if (weather[what] === 0) return false
  weather[what]--
  return true
}

/** Ends after that time, or when the signal aborts, which it says by throwing. */
async function passed(clock: SimulatedClock, ms: number | undefined, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const forget = ms === undefined ? () => undefined : clock.after(ms, resolve)
    const end = (): void => {
      forget()
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
  signal.throwIfAborted()
}
