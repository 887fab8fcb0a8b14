/** Runs programs of this machine. Nothing here reads `process.env`: the environment comes in as an argument. */
import { spawn } from 'node:child_process'
import { CroqueError } from '../errors/index.ts'

export interface RunOptions {
  readonly cwd?: string
  /** The whole environment of the program. Default: `PATH` only. */
  readonly env?: Readonly<Record<string, string>>
  /** Bytes for standard input; default none. Secrets go here, never into argv. */
  readonly input?: string | Uint8Array
  readonly signal?: AbortSignal
  /** Called for every line of stdout and stderr while it runs. */
  readonly onLine?: (line: string) => void
  /** It goes on when croque is killed: for what must not be cut short, such as dpkg. @default false */
  readonly outlives?: boolean
  /** Exit codes that are not an error. Default `[0]`. */
  readonly okCodes?: readonly number[]
}

export interface RunResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Words before a command that let it end, whatever happens, with the process that starts it. */
const endsWithUs = ['setpriv', '--pdeathsig', 'KILL'] as const

/** Words before a command that let it end so with everything that it has started, in mount and pid namespaces of their own. */
export const contained = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'] as const

/**
 * Runs a program to its end, or to ours: nothing of a killed croque may still be at work when the next one begins. Throws `command-failed` with the last lines of its output when it exits with a code not in `okCodes`.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...rest] = [...(options.outlives === true ? [] : endsWithUs), command, ...args]
  const child = spawn(program ?? command, rest, {
    env: { PATH: defaultPath, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const stdout = collect(child.stdout, options.onLine)
  const stderr = collect(child.stderr, options.onLine)
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input)
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit, signal) => resolve(exit ?? 128 + (signal === null ? 0 : 15)))
  }).catch((cause: unknown) => {
    if (options.signal?.aborted) throw cause
    throw new CroqueError('command-failed', { what: `${command} could not be started`, why: String(cause), cause })
  })
  const result = { code, stdout: stdout(), stderr: stderr() }
  if (!(options.okCodes ?? [0]).includes(code)) {
    const said = result.stderr.trim() === '' ? result.stdout : result.stderr
    throw new CroqueError(
      /No space left on device|not enough free space/i.test(said) ? 'disk-full' : 'command-failed',
      {
        what: `${[command, ...args].join(' ').slice(0, 300)} exited with ${code}`,
        why: lastLines(said, 15),
      },
    )
  }
  return result
}

/** The last `count` lines of a text, for error messages. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

function collect(stream: NodeJS.ReadableStream, onLine: RunOptions['onLine']): () => string {
  const chunks: string[] = []
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    chunks.push(chunk)
    if (onLine === undefined) return
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.on('end', () => {
    if (rest !== '') onLine?.(rest)
  })
  return () => chunks.join('')
}
