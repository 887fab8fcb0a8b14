/** Work that is no Kubernetes object: first cloud content and verification, given to the engine by name. */
import { CroqueError } from '../errors/index.ts'
import type { Unit } from '../render/index.ts'

export type ActionOutcome = 'created' | 'configured' | 'unchanged'

export interface Action {
  /** Idempotent; can be killed and run again. `say` publishes what it does or waits for. */
  readonly run: (
    say: (message: string) => void,
    signal: AbortSignal,
  ) => Promise<{ readonly action: ActionOutcome; readonly message: string }>
  /** Says without writing what `run` would do; absent for a verification, which runs when anything else has changed. */
  readonly observe?: () => Promise<ActionOutcome>
}

export type Actions = Readonly<Record<string, Action>>

export function actionOf(unit: Unit, actions: Actions): Action | undefined {
  if (unit.action === undefined) return undefined
  const action = actions[unit.action.name]
  if (action === undefined)
    throw new CroqueError('action-unknown', { what: `The step ${unit.action.name} of ${unit.id} is not known` })
  return action
}
