/** Completion scripts, made from the command table. */
import { optionsOf } from './args.ts'
import type { Command } from './command.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export const isShell = (name: string): name is Shell => shells.some((shell) => shell === name)

/** A script to be sourced; completes commands, options, and values where they are a short list. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return { bash, zsh, fish }[shell](commands)
}

function bash(commands: readonly Command[]): string {
  return `# bash completion for croque
_croque() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((command) => command.name).join(' ')} help' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]} $previous" in
${valueCases(commands)}  esac
  case "\${COMP_WORDS[1]}" in
${commands.map((command) => `    ${command.name}) COMPREPLY=($(compgen -W '${words(command).join(' ')}' -- "$current")) ;;`).join('\n')}
    help) COMPREPLY=($(compgen -W '${commands.map((command) => command.name).join(' ')}' -- "$current")) ;;
  esac
}
complete -o default -F _croque croque ./croque
`
}

function valueCases(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) =>
    options(command).flatMap(([name, spec]) => {
      if (spec.choices !== undefined) {
        return `    '${command.name} --${name}') COMPREPLY=($(compgen -W '${spec.choices.join(' ')}' -- "$current")); return ;;`
      }
      return spec.value === undefined ? [] : `    '${command.name} --${name}') COMPREPLY=(); return ;;`
    }),
  )
  return lines.map((line) => `${line}\n`).join('')
}

function zsh(commands: readonly Command[]): string {
  const described = [...commands, helpCommand].map(
    (command) => `    ${single(`${command.name.replaceAll(':', '\\:')}:${command.summary}`)}`,
  )
  const cases = commands.map((command) => {
    const specs = options(command).map(([name, spec]) => {
      const value = spec.value === undefined ? '' : `:${spec.value}:${zshValue(spec.value, spec.choices)}`
      return single(`--${name}[${spec.help.replaceAll(/[[\]]/g, '')}]${value}`)
    })
    const rest = (command.arguments ?? []).map((argument) =>
      single(`*:${argument.name}:${argument.choices === undefined ? '' : `(${argument.choices.join(' ')})`}`),
    )
    return `    ${command.name}) _arguments ${[...specs, ...rest.slice(0, 1)].join(' ')} ;;`
  })
  return `#compdef croque
_croque() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
    help) _values command ${commands.map((command) => command.name).join(' ')} ;;
  esac
}
# Found by fpath it is called at once; sourced it has to be made known.
if [ "$funcstack[1]" = _croque ]; then _croque "$@"; else compdef _croque croque; fi
`
}

const zshValue = (value: string, choices: readonly string[] | undefined): string => {
  if (choices !== undefined) return `(${choices.join(' ')})`
  return value === 'FILE' ? '_files' : ''
}

function fish(commands: readonly Command[]): string {
  const names = [...commands, helpCommand].map(
    (command) => `complete -c croque -f -n __fish_use_subcommand -a ${command.name} -d ${single(command.summary)}`,
  )
  const rest = commands.flatMap((command) => {
    const here = `complete -c croque -n '__fish_seen_subcommand_from ${command.name}'`
    const specs = options(command).map(([name, spec]) => {
      const short = spec.short === undefined ? '' : ` -s ${spec.short}`
      const value =
        spec.value === undefined ? '' : spec.choices === undefined ? ' -r' : ` -x -a ${single(spec.choices.join(' '))}`
      return `${here} -l ${name}${short}${value} -d ${single(spec.help)}`
    })
    const choices = command.arguments?.[0]?.choices
    return choices === undefined ? specs : [...specs, `${here} -f -a ${single(choices.join(' '))}`]
  })
  const helped = `complete -c croque -f -n '__fish_seen_subcommand_from help' -a ${single(commands.map((command) => command.name).join(' '))}`
  return `# fish completion for croque\n${[...names, ...rest, helped].join('\n')}\n`
}

/** Not in the table: it has no module of its own. */
const helpCommand = { name: 'help', summary: 'Show help' } as const

const options = (command: Command) => (command.passThrough === true ? [] : Object.entries(optionsOf(command)))

const words = (command: Command): readonly string[] => [
  ...options(command).map(([name]) => `--${name}`),
  ...(command.arguments?.[0]?.choices ?? []),
]

/** A single-quoted word; good for all three shells, as no text of the table has a backslash. */
const single = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`
