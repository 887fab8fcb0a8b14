/** A machine and commands for tests of the command line. */
import { PassThrough } from 'node:stream'
import { runCli } from './cli.ts'
import type { Command, Machine, Run } from './command.ts'

export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON lines. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

/** A command that does what is given. */
export function commandOf(run: Run, rest: Partial<Command> = {}): Command {
  return {
    name: 'work',
    summary: 'Do it',
    group: 'project',
    examples: ['work'],
    load: async () => ({ run }),
    ...rest,
  }
}

/** Runs a command line to its end; the clock begins at 0 and goes on by half a second whenever it is read. */
export async function ran(
  argv: readonly string[],
  commands: readonly Command[],
  machine: Partial<Machine> = {},
): Promise<Ran> {
  const [stdout, stderr] = [capture(), capture()]
  let time = 0
  const exit = await runCli(
    argv,
    {
      env: {},
      stdin: process.stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      isTTY: false,
      cwd: import.meta.dirname,
      repoDir: import.meta.dirname,
      stateDir: '/nowhere/state',
      cacheDir: '/nowhere/cache',
      signal: new AbortController().signal,
      now: () => {
        time += 500
        return time
      },
      whyNoLxc: async () => undefined,
      ...machine,
    },
    commands,
  )
  const text = stdout.text()
  return {
    exit,
    stdout: text,
    stderr: stderr.text(),
    get lines() {
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    },
  }
}

function capture(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let text = ''
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  // All that a view asks of a terminal beyond a stream is its size, for which it has defaults.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text }
}
