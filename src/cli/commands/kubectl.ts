import type { Run } from '../command.ts'
import { openPresent } from '../installation.ts'
import { interactiveKubectl } from '../kubectl.ts'

export const run: Run = async (context) => ({
  exit: await interactiveKubectl(context, await openPresent(context), context.args),
})
