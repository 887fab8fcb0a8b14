import { CroqueError } from '../../errors/index.ts'
import type { Run } from '../command.ts'
import { commands } from '../commands.ts'
import { completionScript, isShell } from '../completion.ts'

export const run: Run = async ({ args, output, emit, stdout }) => {
  const shell = args[0] ?? ''
  if (!isShell(shell)) throw new CroqueError('argument-invalid', { what: `There is no completion for ${shell}` })
  const script = completionScript(shell, commands)
  if (output === 'json') emit({ type: 'data', data: { shell, script } })
  else stdout.write(script)
  return {}
}
