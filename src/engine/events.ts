/**
 * What a run says while it works. The engine and the commands emit these; a view turns them into a terminal tree, plain
 * lines or JSON lines. Events carry names and reasons, never a secret.
 *
 * A *unit* is one thing that is worked on: a step of the underlay, an image, a component, a task, a verification step.
 * Its id is unique within a run (`underlay/node-1`, `images/openstack`, `nova/conductor`); units of one group stand together.
 */

export type ChangeAction = 'created' | 'configured' | 'replaced' | 'deleted' | 'unchanged'

/** How many of each; the same words in every output. */
export type ChangeCounts = Readonly<Record<ChangeAction, number>>

export interface Subject {
  readonly kind: string
  /** Absent for cluster-wide kinds. */
  readonly namespace?: string
  readonly name: string
}

/** What an error says, as {@link CroqueError} holds it. */
export interface Problem {
  /** A code of `docs/reference/errors.md`. */
  readonly code: string
  readonly what: string
  readonly why?: string
  readonly next?: string
}

/**
 * `pending` (needs not met; `needs` are unit ids) -> `waiting` (for the reason given) or `running` -> `done`, `failed`,
 * or `skipped` because the unit `cause` failed. `waiting` and `running` may alternate and repeat with new messages.
 */
export type UnitEvent = {
  readonly type: 'unit'
  readonly unit: string
  readonly group: string
} & (
  | { readonly state: 'pending'; readonly needs: readonly string[] }
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'running'; readonly message?: string }
  | { readonly state: 'done'; readonly message?: string }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'skipped'; readonly cause: string }
)

export type UnitState = UnitEvent['state']

/** The first event of a command. */
export interface RunStarted {
  readonly type: 'run-started'
  readonly command: string
}

/** A part of the command begins (`render`, `plan`, `apply`, `verify`). */
export interface PhaseEvent {
  readonly type: 'phase'
  readonly phase: string
  /** One sentence for people. */
  readonly title: string
}

/** Something was, or would be, done to an object. */
export interface ChangeEvent {
  readonly type: 'change'
  readonly action: ChangeAction
  readonly subject: Subject
  /** True when it is only planned. */
  readonly planned: boolean
  readonly reason?: string
  /**
   * Field-level differences, secrets masked; one string a line: `path: before -> after`, or, of a text of several lines, `path:`
   * followed by its changed lines as `  - line` and `  + line`. Other lines begin with four blanks: the header of the section
   * that the next lines stand in, or what stands around them, or `…` for what is left out.
   */
  readonly diff?: readonly string[]
}

/** A line that a unit's program wrote; shown only on request or on failure. */
export interface LogEvent {
  readonly type: 'log'
  readonly unit: string
  readonly line: string
}

export interface NoticeEvent {
  readonly type: 'notice'
  readonly level: 'info' | 'warning'
  readonly message: string
}

/** One thing that preflight looked at. */
export interface FindingEvent {
  readonly type: 'finding'
  readonly check: string
  readonly ok: boolean
  readonly severity: 'error' | 'warning' | 'fixable'
  readonly message: string
  readonly next?: string
}

/** A problem of the document, with its place; lines and columns count from 1. */
export interface DiagnosticEvent {
  readonly type: 'diagnostic'
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly path?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly allowed?: readonly string[]
  readonly suggestion?: string
  /** For people: the line of the document, and below it a line with a caret at the place. Secrets are masked. */
  readonly excerpt?: string
}

export interface ErrorEvent extends Problem {
  readonly type: 'error'
}

/** What a command found out, for programs; in the text views the command prints it itself. */
export interface DataEvent {
  readonly type: 'data'
  readonly data: unknown
}

export interface UnitDuration {
  readonly unit: string
  readonly seconds: number
}

/** Where the time went; sent once, before `run-finished`. */
export interface TimingEvent {
  readonly type: 'timing'
  /** Longest first, at most ten. */
  readonly slowest: readonly UnitDuration[]
  /** The chain of units, each needing the one before, that took longest. */
  readonly criticalPath: { readonly units: readonly UnitDuration[]; readonly seconds: number }
  /** From the first unit's start to the last unit's end. */
  readonly wallSeconds: number
}

/** The last event of a command. */
export interface RunFinished {
  readonly type: 'run-finished'
  readonly ok: boolean
  readonly changes: ChangeCounts
  readonly seconds: number
  /** What state things are in, one sentence. */
  readonly summary?: string
  /** What to type next, one command a line. */
  readonly next?: readonly string[]
}

export type CroqueEvent =
  | RunStarted
  | PhaseEvent
  | UnitEvent
  | ChangeEvent
  | LogEvent
  | NoticeEvent
  | FindingEvent
  | DiagnosticEvent
  | ErrorEvent
  | DataEvent
  | TimingEvent
  | RunFinished

/** An event with the time it was emitted, in milliseconds since 1970. */
export type StampedEvent = CroqueEvent & { readonly at: number }

export type Emit = (event: CroqueEvent) => void
