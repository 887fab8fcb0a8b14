/** Diagnostics as text for a terminal or a log: place, sentence, the line with a caret, what is allowed. */

import { maskLine } from '../secrecy/index.ts'
import type { Diagnostic } from './diagnostics.ts'

/**
 * One block a diagnostic, a blank line between them; `text` is the document they were found in. Secrets are not shown.
 * Without `text` the lines with the caret are left out.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], text?: string): string {
  const lines = text?.split(/\r\n|\n/) ?? []
  return diagnostics.map((diagnostic) => format(diagnostic, lines[diagnostic.line - 1])).join('\n')
}

function format(diagnostic: Diagnostic, source: string | undefined): string {
  const { file, line, column, severity, path, message, allowed, suggestion } = diagnostic
  const subject = path === '' ? '' : `${path}: `
  const rows = [`${file}:${line}:${column}: ${severity}: ${subject}${message}`]
  if (source !== undefined && source.trim() !== '') rows.push(...excerpt(source, line, column))
  if (suggestion !== undefined) rows.push(`  did you mean "${suggestion}"?`)
  if (allowed !== undefined && allowed.length > 0) rows.push(`  allowed: ${allowed.join(', ')}`)
  return `${rows.join('\n')}\n`
}

const width = 100

function excerpt(source: string, line: number, column: number): readonly string[] {
  const shown = maskLine(source).replaceAll('\t', ' ').slice(0, width)
  const margin = `  ${line} | `
  return [`${margin}${shown}`, `${' '.repeat(margin.length - 2)}| ${' '.repeat(Math.min(column, width) - 1)}^`]
}
