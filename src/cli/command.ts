/** The shape of a command: data for help, completion and the reference page, and a module loaded only when it runs. */
import type { ChangeCounts, Emit } from '../engine/index.ts'
import type { Options } from './args.ts'

export interface OptionSpec {
  readonly short?: string
  /** Placeholder of the value (`FILE`); absent for a switch. */
  readonly value?: string
  readonly help: string
  readonly choices?: readonly string[]
  /** The value is a whole number from the first to the last of these. */
  readonly between?: readonly [number, number]
  /** What the command assumes without it, for the help text. */
  readonly default?: string
  /** May be given several times. */
  readonly repeat?: boolean
}

export interface ArgumentSpec {
  /** Upper case: `SERVICE[/COMPONENT]`. */
  readonly name: string
  readonly help: string
  readonly required?: boolean
  /** Takes all that remain. */
  readonly repeat?: boolean
  readonly choices?: readonly string[]
}

export interface Command {
  readonly name: string
  /** One line without a full stop. */
  readonly summary: string
  readonly group: keyof typeof commandGroups
  /** Further sentences for its own help page. */
  readonly description?: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options?: Readonly<Record<string, OptionSpec>>
  /** All that follows the name goes untouched to another program, `--help` included. */
  readonly passThrough?: boolean
  /** Command lines that work, without `./croque`. */
  readonly examples: readonly [string, ...string[]]
  readonly load: () => Promise<CommandModule>
}

export const commandGroups = {
  cloud: 'The cloud',
  use: 'Use it',
  project: 'The project',
} as const

export interface CommandModule {
  readonly run: Run
}

export type Run = (context: CommandContext) => Promise<CommandOutcome>

/** What a command ends with; failures are thrown. */
export interface CommandOutcome {
  /** 0 is well, 1 an error that was already told by events, 2 "there are changes", or what a program given the terminal exited with. Default 0. */
  readonly exit?: number
  readonly changes?: Partial<ChangeCounts>
  /** What state things are in, one sentence. */
  readonly summary?: string
  /** What to type next, one command each. */
  readonly next?: readonly string[]
}

/** All of the outer world that a command may touch; nothing below `src/cli` reads any of it by itself. */
export interface CommandContext extends Machine {
  /** Positional arguments; for a pass-through command everything after its name. */
  readonly args: readonly string[]
  readonly options: Options
  readonly output: 'text' | 'json'
  /** Tells the view what happens; see `src/engine/events.ts`. In text views a command may also write its own answer to stdout. */
  readonly emit: Emit
}

/** The process as the program sees it. */
export interface Machine {
  readonly env: Readonly<Record<string, string>>
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Whether a person sees stdout. */
  readonly isTTY: boolean
  readonly cwd: string
  /** The checkout. */
  readonly repoDir: string
  /** Holds one directory a cloud; `CROQUE_STATE_DIR`, default `/var/lib/croque` for root. */
  readonly stateDir: string
  /** `CROQUE_CACHE_DIR`, default `/var/cache/croque` for root. */
  readonly cacheDir: string
  /** Aborts at Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Why servers are not to be containers of this machine, and what to do, without a full stop at its end; undefined: they are. */
  readonly whyNoLxc: () => Promise<string | undefined>
}
