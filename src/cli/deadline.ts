/** The limit of a whole run. */
import { openWork } from '../engine/index.ts'
import { CroqueError } from '../errors/index.ts'
import type { CommandContext } from './command.ts'

type Bounded = Pick<CommandContext, 'signal' | 'emit'>

/** Lines of work that an error names. */
const most = 10

/**
 * Gives the work a context whose signal aborts when the time is up as well. Throws `run-timeout` then, with what was waited for;
 * an interruption from outside stays what it is.
 */
export async function withinSeconds<C extends Bounded, T>(
  context: C,
  seconds: number,
  work: (context: C) => Promise<T>,
): Promise<T> {
  const open = openWork()
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(expired(seconds, open.lines())), seconds * 1000)
  const signal = AbortSignal.any([context.signal, over.signal])
  const emit: C['emit'] = (event) => {
    open.observe(event)
    context.emit(event)
  }
  try {
    return await work({ ...context, signal, emit })
  } catch (error) {
    if (signal.reason === over.signal.reason && over.signal.aborted) throw over.signal.reason
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function expired(seconds: number, lines: readonly string[]): CroqueError {
  const more = lines.length > most ? [`and ${lines.length - most} more`] : []
  const why = [...lines.slice(0, most), ...more].join('\n')
  return new CroqueError('run-timeout', {
    what: `The run was not done within ${seconds} s (spec.timeouts.total)`,
    ...(why === '' ? {} : { why }),
  })
}
