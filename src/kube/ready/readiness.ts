/** The words of readiness: what every kind's file answers, and what it may look at. */
import type { KubeObject } from '../object.ts'

/**
 * `ready`: what needs it may start. `waiting`: it may still come by itself; the reason says on what.
 * `failed`: it will not come without a change; the reason says why.
 */
export interface Readiness {
  readonly state: 'ready' | 'waiting' | 'failed'
  /** For people, no full stop; never flaps without cause. */
  readonly reason: string
  /** What is ready and yet not as it shall be, for people. */
  readonly note?: string
}

/** What is known around an object at one moment; nothing is asked of the server while readiness is judged. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Pods of a namespace that carry all these labels. */
  pods(namespace: string | undefined, labels: Readonly<Record<string, string>>): readonly KubeObject[]
  /** What a Pod's init container says that it waits for, as it published it in an Event. */
  waitNote(pod: KubeObject): string | undefined
  /** What the kubelet said when it could not mount a volume of a Pod; it says nothing when it can at last. */
  mountNote(pod: KubeObject): string | undefined
}

/** The reasons of the Events that hold a Pod's {@link Surroundings.waitNote} and {@link Surroundings.mountNote}. */
export const waitReason = 'Waiting'
export const mountReason = 'FailedMount'

export type JudgeReadiness = (object: KubeObject, around: Surroundings) => Readiness

export const ready = (reason: string, note?: string): Readiness => ({
  state: 'ready',
  reason,
  ...(note === undefined ? {} : { note }),
})
export const waiting = (reason: string): Readiness => ({ state: 'waiting', reason })
export const failed = (reason: string): Readiness => ({ state: 'failed', reason })

/** Whole seconds since an API time; 0 when it is unknown. */
export function secondsSince(time: string | undefined, now: number): number {
  if (time === undefined) return 0
  return Math.max(0, Math.round((now - Date.parse(time)) / 1000))
}
