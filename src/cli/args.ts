/** Command line to command, arguments and options; every complaint names what was probably meant. */
import { parseArgs } from 'node:util'
import { CroqueError, nearest } from '../errors/index.ts'
import type { ArgumentSpec, Command, OptionSpec } from './command.ts'

/** Options that every command takes (pass-through commands excepted). */
export const globalOptions = {
  output: { short: 'o', value: 'FORMAT', help: 'what to print', choices: ['text', 'json'], default: 'text' },
  verbose: { short: 'v', help: 'show every line of the programs that run' },
  help: { short: 'h', help: 'show help' },
} as const satisfies Readonly<Record<string, OptionSpec>>

/** Options as given; asking for one that the command does not declare is undefined or false. */
export interface Options {
  flag(name: string): boolean
  value(name: string): string | undefined
  values(name: string): readonly string[]
  /** The value of an option that is declared as a number. */
  number(name: string): number | undefined
}

export interface ParsedArguments {
  readonly args: readonly string[]
  readonly options: Options
}

/** Throws `command-unknown`, or `argument-invalid` for an option in its place. */
export function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name)
  if (found !== undefined) return found
  if (name.startsWith('-'))
    throw new CroqueError('argument-invalid', {
      what: `${name} stands where the command belongs; options come after it`,
      next: 'For example `./croque plan --output json`; `./croque help` lists all commands.',
    })
  const near = nearest(name, [...commands.map((command) => command.name), 'help'])
  throw new CroqueError('command-unknown', {
    what: `There is no command ${quote(name)}`,
    ...(near === undefined ? {} : { next: `Did you mean \`./croque ${near}\`? \`./croque help\` lists all commands.` }),
  })
}

export const optionsOf = (command: Command): Readonly<Record<string, OptionSpec>> => ({
  ...command.options,
  ...globalOptions,
})

/** Throws `argument-invalid` for unknown options, wrong values and missing or superfluous arguments. */
export function parseCommand(command: Command, argv: readonly string[]): ParsedArguments {
  if (command.passThrough === true) return { args: argv, options: optionValues(new Map()) }
  const specs = optionsOf(command)
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, parserOption(spec)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const args: string[] = []
  const given = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const { name } = token
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) throw unknownOption(command, token.rawName, Object.keys(specs))
    const swallowed = token.inlineValue === false && /^-./.test(token.value)
    checkOption(command, spec, { name: `--${name}`, value: token.value, swallowed, again: given.has(name) })
    given.set(name, [...(given.get(name) ?? []), token.value ?? ''])
  }
  if (!given.has('help')) checkArguments(command, args)
  return { args, options: optionValues(given) }
}

const parserOption = (spec: OptionSpec) => ({
  type: spec.value === undefined ? ('boolean' as const) : ('string' as const),
  ...(spec.short === undefined ? {} : { short: spec.short }),
})

function checkOption(
  command: Command,
  spec: OptionSpec,
  given: { name: string; value: string | undefined; swallowed: boolean; again: boolean },
): void {
  const { name, value, swallowed, again } = given
  if (spec.value === undefined && value !== undefined) throw invalid(command, `${name} takes no value`)
  if (spec.value !== undefined && (value === undefined || value === ''))
    throw invalid(command, `${name} needs a value: ${name} ${spec.value}`)
  if (swallowed)
    throw invalid(
      command,
      `${name} needs a value, and ${quote(value ?? '')} looks like an option`,
      `If it is meant: ${name}=${value ?? ''}.`,
    )
  if (again && spec.repeat !== true && spec.value !== undefined) throw invalid(command, `${name} is given twice`)
  if (value !== undefined) checkChoice(command, name, value, spec.choices)
  if (value !== undefined) checkNumber(command, name, value, spec.between)
}

function checkNumber(command: Command, name: string, value: string, between: OptionSpec['between']): void {
  if (between === undefined) return
  const [first, last] = between
  if (/^\d{1,15}$/.test(value) && Number(value) >= first && Number(value) <= last) return
  throw invalid(command, `${name} must be a whole number from ${first} to ${last}, not ${quote(value)}`)
}

function checkChoice(command: Command, name: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return
  const near = nearest(value, choices)
  throw invalid(
    command,
    `${name} cannot be ${quote(value)}`,
    `Allowed: ${choices.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  )
}

function checkArguments(command: Command, args: readonly string[]): void {
  const specs = command.arguments ?? []
  const missing = specs.find((spec, index) => spec.required === true && args[index] === undefined)
  if (missing !== undefined) throw invalid(command, `${missing.name} is missing: ${missing.help}`)
  const superfluous = args.slice(specs.at(-1)?.repeat === true ? args.length : specs.length)
  if (superfluous.length > 0)
    throw invalid(command, `\`./croque ${command.name}\` does not take ${superfluous.map(quote).join(', ')}`)
  args.forEach((value, index) => {
    const spec: ArgumentSpec | undefined = specs[Math.min(index, specs.length - 1)]
    if (spec !== undefined) checkChoice(command, spec.name, value, spec.choices)
  })
}

function unknownOption(command: Command, raw: string, names: readonly string[]): CroqueError {
  const near = nearest(raw.replace(/^-+/, ''), names)
  return invalid(
    command,
    `\`./croque ${command.name}\` has no option ${raw}`,
    near === undefined ? undefined : `Did you mean --${near}?`,
  )
}

function invalid(command: Command, what: string, hint?: string): CroqueError {
  const help = `See \`./croque help ${command.name}\`; nothing was touched.`
  return new CroqueError('argument-invalid', { what, next: hint === undefined ? help : `${hint} ${help}` })
}

function optionValues(given: ReadonlyMap<string, readonly string[]>): Options {
  const value = (name: string): string | undefined => given.get(name)?.at(-1)
  return {
    flag: (name) => given.has(name),
    value,
    values: (name) => given.get(name) ?? [],
    number(name) {
      const text = value(name)
      return text === undefined ? undefined : Number(text)
    },
  }
}

const quote = (text: string): string => JSON.stringify(text)
