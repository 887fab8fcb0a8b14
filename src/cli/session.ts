/** From the first to the last event of one command: the view, the stopwatch, the conversion of what was thrown, the exit code. */
import { type CroqueEvent, type Emit, noChanges, problemOf, type StampedEvent, stopwatch } from '../engine/index.ts'
import { CroqueError } from '../errors/index.ts'
import { openView, problemText, type View } from '../views/index.ts'
import type { Command, CommandOutcome, Machine } from './command.ts'

interface SessionOptions {
  readonly command: Pick<Command, 'name' | 'passThrough'>
  readonly output: 'text' | 'json'
  readonly verbose: boolean
  readonly machine: Machine
}

export interface Session {
  readonly emit: Emit
  /** Runs the command's work, then sends the last events; returns the exit code. */
  finish(work: () => Promise<CommandOutcome>): Promise<number>
}

export function openSession(options: SessionOptions): Session {
  const { command, machine } = options
  const view = viewFor(options)
  const watch = stopwatch()
  const began = machine.now()
  const emit = (event: CroqueEvent): void => {
    const stamped: StampedEvent = { ...event, at: machine.now() }
    watch.observe(stamped)
    view.show(stamped)
  }
  emit({ type: 'run-started', command: command.name })
  return {
    emit,
    async finish(work) {
      const listening = onLongStop(options, emit)
      const outcome = await work().catch((error: unknown) => failed(error, machine.signal))
      listening.end()
      if ('problem' in outcome) emit({ type: 'error', ...outcome.problem })
      const timing = watch.timing()
      if (timing !== undefined) emit(timing)
      const exit = outcome.exit ?? 0
      emit({
        type: 'run-finished',
        ok: command.passThrough === true ? exit === 0 : exit === 0 || exit === 2,
        changes: { ...noChanges, ...outcome.changes },
        seconds: (machine.now() - began) / 1000,
        ...(outcome.summary === undefined ? {} : { summary: outcome.summary }),
        ...(outcome.next === undefined ? {} : { next: outcome.next }),
      })
      view.close()
      return exit
    },
  }
}

/** Shows an error from before any command began; returns the exit code. */
export async function failEarly(error: unknown, output: 'text' | 'json', machine: Machine): Promise<number> {
  if (output === 'text') {
    machine.stderr.write(problemText(problemOf(error)))
    return 1
  }
  const session = openSession({ command: { name: '' }, output, verbose: false, machine })
  return await session.finish(() => Promise.reject(error))
}

function failed(error: unknown, signal: AbortSignal): CommandOutcome & { problem: ReturnType<typeof problemOf> } {
  if (!signal.aborted) return { exit: 1, problem: problemOf(error) }
  const told = [error, signal.reason].find((one) => one instanceof CroqueError && one.code === 'interrupted')
  return {
    exit: 130,
    problem: problemOf(told ?? new CroqueError('interrupted', { what: 'Interrupted', cause: error })),
  }
}

/** Milliseconds after Ctrl-C before a person is told that the end is being waited for. */
const longStop = 500

/** Tells a person who pressed Ctrl-C that this was understood, when the work does not end at once. */
function onLongStop({ command, machine }: SessionOptions, emit: Emit): { readonly end: () => void } {
  if (!machine.isTTY || command.passThrough === true) return { end: () => undefined }
  let timer: NodeJS.Timeout | undefined
  const tell = (): void =>
    emit({ type: 'notice', level: 'info', message: 'Stopping what is at work; Ctrl-C again ends it at once' })
  const wait = (): void => {
    timer = setTimeout(tell, longStop).unref()
  }
  machine.signal.addEventListener('abort', wait, { once: true })
  return {
    end() {
      clearTimeout(timer)
      machine.signal.removeEventListener('abort', wait)
    },
  }
}

function viewFor({ output, verbose, command, machine }: SessionOptions): View {
  const { stdout, stderr, env, isTTY, now } = machine
  const terminal = isTTY && env['TERM'] !== 'dumb' && command.passThrough !== true
  return openView({
    kind: output === 'json' ? 'json' : terminal ? 'tree' : 'plain',
    out: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    color: isTTY && (env['NO_COLOR'] ?? '') === '',
    verbose,
    now,
  })
}
