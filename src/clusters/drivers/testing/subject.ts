/** What a driver gives to be tried. */
import type { SimulatedClock } from '../../clock/index.ts'
import type { Driver } from '../driver.ts'

/**
 * A driver's pretended cloud waits for it before and after every call that it answers. It may throw (the cloud does not answer), not end
 * before the signal aborts (it hangs), or never end at all (the process that called was killed).
 */
export type Hazard = (call: string, signal: AbortSignal) => Promise<void>

/** What there is of a node group. */
export interface SeenGroup {
  readonly nodes: number
  /** Of the cluster templates that the nodes were made by. */
  readonly templates: readonly string[]
}

/** One cloud, empty at first. */
export interface Subject {
  /** A driver as a process that just started has it: what it has to know is in the cloud. */
  driver(hazard: Hazard): Driver
  /** By UUID of node groups, what there is of a cluster; undefined when nothing is left. */
  look(clusterId: string): Promise<Readonly<Record<string, SeenGroup>> | undefined>
  /** An error that means, thrown by a hazard, that it will not come by waiting; undefined when the driver knows none. */
  hopeless?(): Error
  /** One of the workers of a cluster dies; nothing happens when there is none. For drivers that find that out. */
  kill?(clusterId: string, nth: number): void
  /**
   * What its cloud is asked for next comes to nothing, in the `nth` of the ways that pass when it is tried again, so many times. For
   * drivers that do try again.
   */
  ail?(nth: number, count: number): void
  /** Nothing ails any more, but for what has failed already. */
  recover?(): void
  /** What should never have happened in it. */
  wrongs?(): readonly string[]
}

export type MakeSubject = (clock: SimulatedClock) => Subject
