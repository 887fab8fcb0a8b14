/** Content and verification steps as actions of the engine. */
import type { Actions } from '../engine/index.ts'
import type { Kube } from '../kube/index.ts'
import { stepContext } from './admin.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

export function engineActions(context: CommandContext, installation: Installation, kube: Kube): Actions {
  const open = stepContext(context, installation, kube)
  return Object.fromEntries(
    [...installation.steps].map(([name, step]) => [
      name,
      {
        run: async (say: (message: string) => void) => await step.run(await open(say)),
        ...(step.observe === undefined ? {} : { observe: async () => await step.observe?.(await open(() => undefined)) ?? 'unchanged' as const }),
      },
    ]),
  )
}
