/** Help texts, made from the command table. */
import { globalOptions } from './args.ts'
import { type Command, commandGroups, type OptionSpec } from './command.ts'

/** The list of all commands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length))
  const groups = Object.entries(commandGroups).map(([group, title]) => {
    const rows = commands.filter((command) => command.group === group)
    return `${title}:\n${rows.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join('\n')}\n`
  })
  return `Croque: Kubernetes on OpenStack on Kubernetes, as one program.

Usage: ./croque COMMAND [OPTION...]

${groups.join('\n')}
Options of every command:
${optionRows(globalOptions)}

\`./croque up\` brings up a cloud on this machine. \`./croque help COMMAND\` tells more, with examples.
`
}

/** One command's page. */
export function commandHelp(command: Command): string {
  const parts = [
    `${command.summary}.`,
    ...(command.description === undefined ? [] : [command.description]),
    `Usage: ${usage(command)}`,
    ...(command.arguments === undefined ? [] : [`Arguments:\n${argumentRows(command)}`]),
    ...(command.options === undefined ? [] : [`Options:\n${optionRows(command.options)}`]),
    ...(command.passThrough === true ? [] : [`Options of every command:\n${optionRows(globalOptions)}`]),
    `${command.examples.length === 1 ? 'Example' : 'Examples'}:\n${command.examples.map((example) => `  ./croque ${example}`).join('\n')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

/** `./croque logs SERVICE[/COMPONENT] [OPTION...]` */
function usage(command: Command): string {
  const words = (command.arguments ?? []).map(({ name, required, repeat }) => {
    const word = repeat === true ? `${name}...` : name
    return required === true ? word : `[${word}]`
  })
  const options = command.passThrough === true ? [] : ['[OPTION...]']
  return ['./croque', command.name, ...words, ...options].join(' ')
}

/** `-f, --file FILE` */
function optionLabel(name: string, spec: OptionSpec): string {
  const long = spec.value === undefined ? `--${name}` : `--${name} ${spec.value}`
  return spec.short === undefined ? long : `-${spec.short}, ${long}`
}

/** The help of an option with its choices and default. */
function optionText(spec: OptionSpec): string {
  const notes = [
    ...(spec.choices === undefined ? [] : [spec.choices.join(' or ')]),
    ...(spec.default === undefined ? [] : [`default ${spec.default}`]),
    ...(spec.repeat === true ? ['may be repeated'] : []),
  ]
  return notes.length === 0 ? spec.help : `${spec.help} (${notes.join('; ')})`
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): string {
  return table(
    Object.entries(options).map(([name, spec]) => [
      spec.short === undefined ? `    ${optionLabel(name, spec)}` : optionLabel(name, spec),
      optionText(spec),
    ]),
  )
}

function argumentRows(command: Command): string {
  return table(
    (command.arguments ?? []).map((spec) => [
      spec.name,
      spec.choices === undefined ? spec.help : `${spec.help}: ${spec.choices.join(', ')}`,
    ]),
  )
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`).join('\n')
}
