/** The motions of the null driver: calls one after the other, each of which may take its time or fail, and is kept before the next. */
import type { Clock } from '../../clock/index.ts'
import type { Driver, Wish } from '../driver.ts'
import type { ImaginaryCloud, ImaginaryCluster } from './cloud.ts'

/** Calls that a cloud would have to answer, in the order they come. */
export type ImaginaryCall =
  | 'network create'
  | 'group create'
  | 'server delete'
  | 'server create'
  | 'certificates rotate'
  | 'group delete'
  | 'network delete'

export interface ImaginaryOptions {
  readonly cloud: ImaginaryCloud
  readonly clock: Clock
  /** Of servers: UUIDs. */
  readonly newId: () => string
  /** How long something takes to be there, milliseconds. @default the label `imaginary_seconds` of the cluster, else 0 */
  readonly delay?: (what: 'network' | 'server', wish: Wish) => number
  /**
   * Before every call, and once more after it (`done`): may take its time, and may throw. What throws {@link Hopeless} will not come by
   * waiting; anything else is a cloud that does not answer.
   *
   * @default the call that the label `imaginary_fault` of the cluster names is hopeless
   */
  readonly hazard?: (call: ImaginaryCall, moment: 'before' | 'done', wish: Wish) => Promise<void>
  /** @default every COE on every distribution that Magnum's drivers knew, on `vm` and `bm` */
  readonly covers?: Driver['covers']
}

/** It will not come by waiting. */
export class Hopeless extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Hopeless'
  }
}

const nothing: ImaginaryCluster = { networkReadyAt: 0, made: 0, groups: {} }

/** One call's view: what is there, and how to change it. */
export interface Motion {
  readonly wish: Wish
  readonly options: ImaginaryOptions
  cluster: ImaginaryCluster
  /** Whether anything is there. */
  readonly begun: boolean
  /** Does one call. Undefined: nothing is left. */
  call(name: ImaginaryCall, change: (cluster: ImaginaryCluster) => ImaginaryCluster | undefined): Promise<void>
}

export async function motionOf(wish: Wish, options: ImaginaryOptions): Promise<Motion> {
  const found = await options.cloud.read(wish.cluster.uuid)
  const motion: Motion = {
    wish,
    options,
    cluster: found ?? nothing,
    begun: found !== undefined,
    call: async (name, change) => {
      await hazard(name, 'before', motion)
      const changed = change(motion.cluster)
      await options.cloud.write(wish.cluster, changed)
      motion.cluster = changed ?? nothing
      await hazard(name, 'done', motion)
    },
  }
  return motion
}

export function delayOf({ options, wish }: Motion, what: 'network' | 'server'): number {
  if (options.delay !== undefined) return options.delay(what, wish)
  const seconds = Number(wish.cluster.spec.labels['imaginary_seconds'] ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}

/** What goes wrong has the name of the call. */
async function hazard(name: ImaginaryCall, moment: 'before' | 'done', { wish, options }: Motion): Promise<void> {
  wish.signal.throwIfAborted()
  try {
    await (options.hazard ?? labelled)(name, moment, wish)
  } catch (error) {
    const text = `imaginary ${name}: ${error instanceof Error ? error.message : String(error)}`
    throw error instanceof Hopeless ? new Hopeless(text) : new Error(text, { cause: error })
  }
  wish.signal.throwIfAborted()
}

async function labelled(name: ImaginaryCall, _moment: string, { cluster }: Wish): Promise<void> {
  if (cluster.spec.labels['imaginary_fault'] === name) throw new Hopeless('the label imaginary_fault says so')
}
