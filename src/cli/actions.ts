/** Content and verification steps as actions of the engine. */
import type { Actions } from '../engine/index.ts'
import type { Kube } from '../kube/index.ts'
import { stepContexts } from './admin.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

export interface EngineActions {
  readonly actions: Actions
  readonly close: () => void
}

export function engineActions(context: CommandContext, installation: Installation, kube: Kube): EngineActions {
  const { make, close } = stepContexts(context, installation, kube)
  const actions = [...installation.steps].map(([name, { run, observe }]) => [
    name,
    {
      run: async (say: (message: string) => void) => await run(await make(say)),
      ...(observe === undefined ? {} : { observe: async () => await observe(await make(() => undefined)) }),
    },
  ])
  return { actions: Object.fromEntries(actions), close }
}
