/** The answer of a command that prints a text: as it is for people and shells, one line of data with `--output json`. */
import type { CommandContext } from './command.ts'

export function answer(
  { output, emit, stdout }: Pick<CommandContext, 'output' | 'emit' | 'stdout'>,
  given: Answer,
): void {
  if (output === 'json') emit({ type: 'data', data: given.data })
  else stdout.write(given.text)
}

interface Answer {
  readonly text: string
  readonly data: unknown
}
