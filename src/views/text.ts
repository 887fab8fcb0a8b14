/** How things read in the text views: durations, errors, changes, findings, the lines at the end. Pure functions from events to text. */
import type {
  ChangeCounts,
  ChangeEvent,
  DiagnosticEvent,
  FindingEvent,
  Problem,
  RunFinished,
  Subject,
  TimingEvent,
  UnitDuration,
} from '../engine/index.ts'
import { printable } from './width.ts'

/** `0.4 s`, `12 s`, `3:07`, `1:02:09`. A clock that was set back counts as no time. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 100) return `${whole} s`
  const two = (number: number): string => String(number).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** `error[code]: what`, why indented, `next:`; ends with a newline. */
export function problemText({ code, what, why, next }: Problem): string {
  const lines = [`error[${code}]: ${what}`]
  if (why !== undefined && why !== '') lines.push(...indent(why))
  if (next !== undefined) lines.push(`next: ${next}`)
  return `${lines.join('\n')}\n`
}

const indent = (text: string): readonly string[] =>
  printable(text)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)

/** `Deployment openstack/nova-api` */
export function subjectText({ kind, namespace, name }: Subject): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}

const signs: Readonly<Record<ChangeEvent['action'], string>> = {
  created: '+',
  configured: '~',
  replaced: '±',
  deleted: '-',
  unchanged: ' ',
}

/** One line with the reason, then the differences indented. */
export function changeText(change: ChangeEvent): readonly string[] {
  const { action, subject, planned, reason, diff = [] } = change
  const verb = planned && action !== 'unchanged' ? `to be ${action}` : action
  const first = `${signs[action]} ${subjectText(subject)} ${verb}${reason === undefined ? '' : `: ${reason}`}`
  return [first, ...diff.map((line) => `    ${printable(line).replaceAll('\n', '\\n')}`)]
}

/** `cloud.yaml:3:7: error: message`, then the line itself, the path, what is allowed and what was probably meant. */
export function diagnosticText(diagnostic: DiagnosticEvent): string {
  const { file, line, column, severity, message, path, excerpt, allowed, suggestion } = diagnostic
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  const lines = [`${place === '' ? '' : `${place}: `}${severity}: ${message}`]
  if (excerpt !== undefined) lines.push(printable(excerpt))
  if (path !== undefined && path !== '') lines.push(`  at ${path}`)
  if (allowed !== undefined && allowed.length > 0) lines.push(`  allowed: ${allowed.join(', ')}`)
  if (suggestion !== undefined) lines.push(`  did you mean ${suggestion}?`)
  return `${lines.join('\n')}\n`
}

const verdicts: Readonly<Record<FindingEvent['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  fixable: 'mended by itself',
}

/** How many checks passed, then only what did not. */
export function findingsText(findings: readonly FindingEvent[]): readonly string[] {
  const open = findings.filter(({ ok }) => !ok)
  const passed = findings.length - open.length
  const count = open.length === 0 ? `${passed}` : `${passed} of ${findings.length}`
  return [
    `Preflight: ${count} ${findings.length === 1 ? 'check' : 'checks'} passed`,
    ...open.flatMap(({ check, severity, message, next }) => [
      `  ${verdicts[severity]}: ${check}: ${message}`,
      ...(next === undefined ? [] : [`    next: ${next}`]),
    ]),
  ]
}

/** `2 created, 40 unchanged`; `nothing` when all are zero. */
export function countsText(counts: ChangeCounts): string {
  const parts = (['created', 'configured', 'replaced', 'deleted', 'unchanged'] as const)
    .filter((action) => counts[action] > 0)
    .map((action) => `${counts[action]} ${action}`)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/** Steps that took at least this long are listed, seconds: the others read `0.0 s`. */
const worthTelling = 0.05

/** The ten slowest steps, and the critical path against the wall clock. */
export function timingText({ slowest, criticalPath, wallSeconds }: TimingEvent): readonly string[] {
  const slow = slowest.filter(({ seconds }) => seconds >= worthTelling)
  const path = criticalPath.units.filter(({ seconds }) => seconds >= worthTelling)
  if (slow.length === 0) return []
  const width = Math.max(...[...slow, ...path].map(({ unit }) => unit.length))
  const row = ({ unit, seconds }: UnitDuration): string => `  ${unit.padEnd(width)}  ${duration(seconds).padStart(7)}`
  return [
    'Slowest steps:',
    ...slow.map(row),
    `Critical path, each step needing the one before: ${duration(criticalPath.seconds)} of ${duration(wallSeconds)}`,
    ...path.map(row),
  ]
}

/** What failed, for the end of a run whose failures may have scrolled away. */
export function unfinishedText(units: {
  readonly failed: readonly string[]
  readonly skipped: number
}): readonly string[] {
  if (units.failed.length === 0) return []
  const skipped = units.skipped === 0 ? '' : ` (and ${units.skipped} skipped, because they need that)`
  return [`Failed: ${units.failed.join(', ')}${skipped}`]
}

/** How a command ends; nothing for one that only answered a question. `planned` when nothing was worked on: the counts are of what would be done. */
export function finishText(
  { changes, seconds, summary, next = [] }: RunFinished,
  { planned }: { readonly planned: boolean },
): readonly string[] {
  const changed = Object.values(changes).some((count) => count > 0)
  const counts = planned ? `To be done: ${countsText(changes)}` : `${countsText(changes)} in ${duration(seconds)}`
  return [
    ...(changed ? [counts] : []),
    ...(summary === undefined ? [] : [summary]),
    ...(next.length === 0 ? [] : ['Next:', ...next.map((command) => `  ${command}`)]),
  ]
}
