import type { Run } from '../command.ts'
import { openInstallation } from '../installation.ts'
import { interactiveKubectl } from '../kubectl.ts'

export const run: Run = async (context) => ({
  exit: await interactiveKubectl(context, await openInstallation(context), context.args),
})
