import { CroqueError } from '../../errors/index.ts'
import { answer } from '../answer.ts'
import type { Run } from '../command.ts'
import { commands } from '../commands.ts'
import { completionScript, isShell } from '../completion.ts'

export const run: Run = async (context) => {
  const shell = context.args[0] ?? ''
  if (!isShell(shell)) throw new CroqueError('argument-invalid', { what: `There is no completion for ${shell}` })
  const script = completionScript(shell, commands)
  answer(context, { text: script, data: { shell, script } })
  return {}
}
