/** From the model to text, in the syntax that oslo.config reads (its `iniparser` module). */
import { CroqueError } from '../errors/index.ts'
import type { IniFile, IniScalar } from './ini.ts'

/**
 * The text of a file: `DEFAULT` first, then the sections as given; empty sections and empty lists leave nothing.
 * Same model, same bytes. `$name` stays as it is: oslo.config puts the value of another option there.
 * @throws {CroqueError} `option-unwritable` for a name or value that the syntax has no form for.
 */
export function writeIni(file: IniFile): string {
  const { DEFAULT: first, ...others } = file
  const sections =
    first === undefined ? Object.entries(others) : [['DEFAULT', first] as const, ...Object.entries(others)]
  return sections
    .map(([name, options]) => ({
      name,
      lines: Object.entries(options).flatMap(([option, value]) => writeOption(name, option, value)),
    }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, lines }) => `[${checkSection(name)}]\n${lines.join('\n')}\n`)
    .join('\n')
}

function writeOption(section: string, option: string, value: IniScalar | readonly IniScalar[]): readonly string[] {
  checkOption(section, option)
  const values = isList(value) ? value : [value]
  return values.map((scalar) => `${option} =${writeValue(section, option, String(scalar))}`)
}

/** The first line may be quoted; the lines after it are indented, and lose spaces at either end when read. */
function writeValue(section: string, option: string, value: string): string {
  if (hasControl(value, true)) refuse(section, option, 'a value with control characters')
  const [head = '', ...tail] = value.split('\n')
  if (tail.some((line) => line === '' || line !== line.trim())) {
    refuse(section, option, 'a value with an empty line, or with spaces at an end of its second or a later line')
  }
  const first = head === '' ? '' : ` ${needsQuotes(head) ? `"${head}"` : head}`
  return [first, ...tail.map((line) => `  ${line}`)].join('\n')
}

const needsQuotes = (line: string): boolean =>
  line !== line.trim() || (/^["']/.test(line) && line.at(0) === line.at(-1))

function checkSection(name: string): string {
  if (name === '' || name !== name.trim() || hasControl(name, false)) refuse(name, '', 'this section name')
  return name
}

function checkOption(section: string, option: string): void {
  if (option === '' || option !== option.trim() || /^[[#;]|[=:]/.test(option) || hasControl(option, false))
    refuse(section, option, 'this option name')
}

function hasControl(text: string, newlineAllowed: boolean): boolean {
  return [...text].some((letter) => /\p{Cc}/u.test(letter) && letter !== '\t' && !(newlineAllowed && letter === '\n'))
}

const isList = (value: IniScalar | readonly IniScalar[]): value is readonly IniScalar[] => Array.isArray(value)

function refuse(section: string, option: string, what: string): never {
  throw new CroqueError('option-unwritable', { what: `[${section}] ${option}: an INI file has no form for ${what}` })
}
