/** How things read in the text views: durations, errors, changes, the lines at the end. Pure functions from events to text. */
import type {
  ChangeCounts,
  ChangeEvent,
  DiagnosticEvent,
  FindingEvent,
  Problem,
  RunFinished,
  Subject,
  TimingEvent,
} from '../engine/index.ts'

/** `0.4 s`, `12 s`, `3:07`, `1:02:09`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
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
  text
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

/** One line, then the reason and the differences indented. */
export function changeText(change: ChangeEvent): readonly string[] {
  const { action, subject, planned, reason, diff = [] } = change
  const verb = planned && action !== 'unchanged' ? `to be ${action}` : action
  const first = `${signs[action]} ${subjectText(subject)} ${verb}${reason === undefined ? '' : `: ${reason}`}`
  return [first, ...diff.map((line) => `    ${line}`)]
}

/** `cloud.yaml:3:7: error: message`, then the path, what is allowed and what was probably meant. */
export function diagnosticText(diagnostic: DiagnosticEvent): string {
  const { file, line, column, severity, message, path, allowed, suggestion } = diagnostic
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  const lines = [`${place === '' ? '' : `${place}: `}${severity}: ${message}`]
  if (path !== undefined && path !== '') lines.push(`  at ${path}`)
  if (allowed !== undefined) lines.push(`  allowed: ${allowed.join(', ')}`)
  if (suggestion !== undefined) lines.push(`  did you mean ${suggestion}?`)
  return `${lines.join('\n')}\n`
}

export function findingText({ check, ok, severity, message, next }: FindingEvent): readonly string[] {
  const verdict = ok ? 'ok' : severity
  return [`${verdict}: ${check}: ${message}`, ...(ok || next === undefined ? [] : [`  next: ${next}`])]
}

/** `2 created, 40 unchanged`; `nothing` when all are zero. */
export function countsText(counts: ChangeCounts): string {
  const parts = (['created', 'configured', 'replaced', 'deleted', 'unchanged'] as const)
    .filter((action) => counts[action] > 0)
    .map((action) => `${counts[action]} ${action}`)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/** The ten slowest steps and the critical path against wall clock. */
export function timingText({ slowest, criticalPath, wallSeconds }: TimingEvent): readonly string[] {
  const width = Math.max(...slowest.map(({ unit }) => unit.length))
  const factor = criticalPath.seconds === 0 ? '' : `, ${(wallSeconds / criticalPath.seconds).toFixed(2)} x`
  return [
    'Slowest steps:',
    ...slowest.map(({ unit, seconds }) => `  ${unit.padEnd(width)}  ${duration(seconds).padStart(7)}`),
    `Critical path: ${duration(criticalPath.seconds)} (wall clock ${duration(wallSeconds)}${factor})`,
    `  ${criticalPath.units.map(({ unit, seconds }) => `${unit} ${duration(seconds)}`).join(' -> ')}`,
  ]
}

/** How a command ends; nothing for one that only answered a question. */
export function finishText({ ok, changes, seconds, summary, next = [] }: RunFinished): readonly string[] {
  const changed = Object.values(changes).some((count) => count > 0)
  return [
    ...(changed ? [`${countsText(changes)} in ${duration(seconds)}`] : []),
    ...(summary === undefined ? [] : [ok ? summary : `Not finished: ${summary}`]),
    ...(next.length === 0 ? [] : ['Next:', ...next.map((command) => `  ${command}`)]),
  ]
}
