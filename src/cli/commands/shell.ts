import type { Run } from '../command.ts'
import { openPresent } from '../installation.ts'
import { inToolbox } from '../kubectl.ts'

export const run: Run = async (context) => {
  const command = context.args.length === 0 ? ['bash', '--norc'] : ['bash', '-c', context.args.join(' ')]
  return { exit: await inToolbox(context, await openPresent(context), command) }
}
