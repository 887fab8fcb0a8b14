/** What every view is: something that shows events. Views compute nothing about the run; they only draw. */
import type { StampedEvent } from '../engine/index.ts'

export interface View {
  show(event: StampedEvent): void
  /** Draws what is still due and leaves the terminal in order. Nothing may be shown after it. */
  close(): void
}

export interface ViewOptions {
  readonly kind: 'tree' | 'plain' | 'json'
  /** Writes to stdout. */
  readonly out: (text: string) => void
  /** Writes to stderr. */
  readonly error: (text: string) => void
  /** The terminal's size in characters, asked again at every redraw. */
  readonly size: () => { readonly columns: number; readonly rows: number }
  readonly color: boolean
  /** Also show the lines of the programs that run. */
  readonly verbose: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
}
