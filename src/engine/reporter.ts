/** Turns the steps of the underlay and of the image builder into unit events. */
import { toCroqueError } from '../errors/index.ts'
import type { Emit, Problem } from './events.ts'

/** Satisfies the `StepReporter` that underlay and images ask for. */
export interface UnitReporter {
  step<T>(id: string, work: (say: (message: string) => void) => Promise<T>): Promise<T>
}

export interface ReporterOptions {
  readonly emit: Emit
  /** Units are named `<group>/<step>`. */
  readonly group: string
  /** Ids of units that were finished before the first step of this reporter could begin. */
  readonly needs?: readonly string[]
}

/**
 * Reports every step as a unit. A step needs the steps of this reporter that had succeeded when it began: what the code awaited
 * before. (Two chains that run side by side in one reporter count as needing each other's earlier steps; give each its own.)
 */
export function stepReporter(options: ReporterOptions): UnitReporter {
  const { emit, group, needs = [] } = options
  const succeeded: string[] = []
  return {
    async step(id, work) {
      const unit = `${group}/${id}`
      emit({ type: 'unit', unit, group, state: 'pending', needs: [...needs, ...succeeded] })
      emit({ type: 'unit', unit, group, state: 'running' })
      try {
        const result = await work((message) => emit({ type: 'unit', unit, group, state: 'running', message }))
        succeeded.push(unit)
        emit({ type: 'unit', unit, group, state: 'done' })
        return result
      } catch (error) {
        emit({ type: 'unit', unit, group, state: 'failed', problem: problemOf(error) })
        throw error
      }
    },
  }
}

/** What an event tells of an error. */
export function problemOf(thrown: unknown): Problem {
  const { code, message, why, next } = toCroqueError(thrown)
  return { code, what: message, next, ...(why === undefined ? {} : { why }) }
}
