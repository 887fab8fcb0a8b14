/** What both text views tell in the same words: everything but the progress of units. */
import type { FindingEvent, StampedEvent, UnitEvent } from '../engine/index.ts'
import { createFailures } from './failures.ts'
import {
  changeText,
  diagnosticText,
  duration,
  findingsText,
  finishText,
  problemText,
  timingText,
  unfinishedText,
} from './text.ts'
import { printable } from './width.ts'

export interface Told {
  /** `failure` and `stopped` are of units; `end` is what a run ends with. */
  readonly kind: 'phase' | 'text' | 'log' | 'failure' | 'stopped' | 'diagnostic' | 'error' | 'end'
  /** One or several lines, without a line end. */
  readonly text: string
}

export interface Telling {
  /** What the event makes known; findings are held back until the last one is there. */
  tell(event: StampedEvent): readonly Told[]
  /** What is still held back. */
  rest(): readonly Told[]
}

export function createTelling({ verbose }: { readonly verbose: boolean }): Telling {
  const failures = createFailures()
  const began = new Map<string, number>()
  let failed: readonly string[] = []
  let skipped = 0
  let findings: FindingEvent[] = []

  const ofUnit = (event: UnitEvent & { readonly at: number }): readonly Told[] => {
    const { unit, at } = event
    if (event.state === 'running' || event.state === 'waiting') began.set(unit, began.get(unit) ?? at)
    if (event.state === 'skipped') skipped += 1
    if (event.state !== 'failed') return []
    const after = duration((at - (began.get(unit) ?? at)) / 1000)
    const failure = failures.classify(unit, event.problem)
    switch (failure.kind) {
      case 'interrupted':
        return [{ kind: 'stopped', text: `${unit}: interrupted after ${after}` }]
      case 'stopped':
        return [{ kind: 'stopped', text: `${unit}: stopped after ${after}, because ${failure.cause} failed` }]
      case 'failed':
        failed = [...failed, unit]
        return [{ kind: 'failure', text: `${unit}: failed after ${after}\n${problemText(event.problem).trimEnd()}` }]
    }
  }
  const of = (event: StampedEvent): readonly Told[] => {
    switch (event.type) {
      case 'unit':
        return ofUnit(event)
      case 'finding':
        findings.push(event)
        return []
      case 'error': {
        failed = []
        // The unit has told why, perhaps just above.
        const { why, ...brief } = event
        const told = failures.ownerOf(event) !== undefined || why === undefined
        return [{ kind: 'error', text: problemText(told ? brief : event).trimEnd() }]
      }
      case 'diagnostic':
        return [{ kind: 'diagnostic', text: diagnosticText(event).trimEnd() }]
      case 'log':
        return verbose ? [{ kind: 'log', text: `${event.unit} | ${printable(event.line)}` }] : []
      case 'phase':
        return [{ kind: 'phase', text: event.title }]
      case 'change':
        return event.action === 'unchanged' ? [] : lines('text', changeText(event))
      case 'notice':
        return [{ kind: 'text', text: event.level === 'warning' ? `warning: ${event.message}` : event.message }]
      case 'timing':
        return lines('end', timingText(event))
      case 'run-finished':
        return lines('end', [
          ...unfinishedText({ failed, skipped }),
          ...finishText(event, { planned: began.size === 0 }),
        ])
      case 'run-started':
      case 'data':
        return []
    }
  }
  const rest = (): readonly Told[] => {
    const told = findings.length === 0 ? [] : lines('text', findingsText(findings))
    findings = []
    return told
  }
  return {
    rest,
    tell(event) {
      const held = event.type === 'finding' ? [] : rest()
      return [...held, ...of(event)]
    },
  }
}

const lines = (kind: Told['kind'], texts: readonly string[]): readonly Told[] =>
  texts.length === 0 ? [] : [{ kind, text: texts.join('\n') }]
