/** From text to the model, as oslo.config reads it: continuation lines, comments, quotes, options given several times. */
import { CroqueError } from '../errors/index.ts'

export type ParsedIni = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

interface Assignment {
  readonly section: string
  readonly option: string
  readonly lines: string[]
}

/**
 * Options before the first section belong to `DEFAULT`. An option given once is a text, given several times a list.
 * @throws {CroqueError} `option-unreadable` with the number of the line.
 */
export function parseIni(text: string): ParsedIni {
  const assignments: Assignment[] = []
  let section = 'DEFAULT'
  let open: Assignment | undefined
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trimEnd()
    if (/^[ \t]/.test(line)) {
      if (open === undefined) throw unreadable(index, 'a continuation line with nothing before it')
      open.lines.push(line.trimStart())
      continue
    }
    if (/^[#;]/.test(line) || line === '') {
      open = undefined
      continue
    }
    if (line.startsWith('[')) {
      open = undefined
      section = sectionName(line, index)
      continue
    }
    open = { section, ...assignment(line, index) }
    assignments.push(open)
  }
  return collect(assignments)
}

function sectionName(line: string, index: number): string {
  if (!line.endsWith(']') || line.length <= 2)
    throw unreadable(index, 'a section begins here, but has no name or no "]"')
  return line.slice(1, -1)
}

function assignment(line: string, index: number): { option: string; lines: string[] } {
  const split = line.search(/[=:]/)
  if (split < 0) throw unreadable(index, 'no "=" in this line')
  const option = line.slice(0, split).trim()
  if (option === '') throw unreadable(index, 'no name before "="')
  const value = line.slice(split + 1).trim()
  const quoted = /^["']/.test(value) && value.at(0) === value.at(-1)
  return { option, lines: [quoted ? value.slice(1, -1) : value] }
}

function collect(assignments: readonly Assignment[]): ParsedIni {
  const sections = new Map<string, Map<string, string[]>>()
  for (const { section, option, lines } of assignments) {
    const options = sections.get(section) ?? new Map<string, string[]>()
    sections.set(section, options)
    options.set(option, [...(options.get(option) ?? []), lines.join('\n')])
  }
  return Object.fromEntries(
    [...sections].map(([name, options]) => [name, Object.fromEntries([...options].map(single))]),
  )
}

function single([option, values]: readonly [string, readonly string[]]): [string, string | readonly string[]] {
  const [only, ...more] = values
  return [option, only === undefined || more.length > 0 ? values : only]
}

function unreadable(index: number, what: string): CroqueError {
  return new CroqueError('option-unreadable', { what: `line ${index + 1} of an INI file: ${what}` })
}
