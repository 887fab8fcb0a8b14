/** Runs one command from its command line to its exit code. Everything thrown is converted here, once. */
import { findCommand, type ParsedArguments, parseCommand } from './args.ts'
import type { Command, CommandOutcome, Machine } from './command.ts'
import { commandHelp, overview } from './help.ts'

/**
 * Exit codes: 0 well, 1 error, 2 the plan has changes, 130 interrupted; a program given the terminal (`openstack`, `kubectl`,
 * `shell`) hands its own through. With `--output json` the last line is the result.
 */
export async function runCli(
  given: readonly string[],
  machine: Machine,
  commands: readonly Command[],
): Promise<number> {
  const argv = given[0] === '--version' ? ['version', ...given.slice(1)] : given
  try {
    const asked = helpFor(argv, commands)
    if (asked !== undefined) {
      machine.stdout.write(asked)
      return 0
    }
    const command = findCommand(argv[0] ?? '', commands)
    const parsed = parseCommand(command, argv.slice(1))
    if (parsed.options.flag('help')) {
      machine.stdout.write(commandHelp(command))
      return 0
    }
    return await runCommand(command, parsed, machine)
  } catch (error) {
    return await failBeforeRun(error, argv, machine)
  }
}

/** The answer to `croque`, `croque --help`, `croque help [COMMAND]`. */
function helpFor(argv: readonly string[], commands: readonly Command[]): string | undefined {
  const [first, second] = argv
  if (first === undefined || first === '--help' || first === '-h') return overview(commands)
  if (first !== 'help') return undefined
  return second === undefined ? overview(commands) : commandHelp(findCommand(second, commands))
}

async function runCommand(command: Command, { args, options }: ParsedArguments, machine: Machine): Promise<number> {
  const [{ openSession }, module] = await Promise.all([import('./session.ts'), command.load()])
  const output = options.value('output') === 'json' ? 'json' : 'text'
  const session = openSession({ command, output, verbose: options.flag('verbose'), machine })
  const work = async (): Promise<CommandOutcome> =>
    module.run({ ...machine, args, options, output, emit: session.emit })
  return await session.finish(work)
}

/** A wrong command line: no module was loaded, nothing was touched. */
async function failBeforeRun(error: unknown, argv: readonly string[], machine: Machine): Promise<number> {
  const { failEarly } = await import('./session.ts')
  const at = argv.findIndex((word) => word === '--output' || word === '-o')
  const json = argv.includes('--output=json') || argv.includes('-ojson') || (at >= 0 && argv[at + 1] === 'json')
  return await failEarly(error, json ? 'json' : 'text', machine)
}
