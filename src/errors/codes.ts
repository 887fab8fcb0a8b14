/** The table of permanent error codes. Codes are never renamed or reused; keep the table sorted. */
interface CodeEntry {
  readonly class: 'user' | 'outside' | 'bug'
  readonly title: string
  readonly next: string
}

export const codes = {
  'command-failed': {
    class: 'outside',
    title: 'A program that croque ran on this machine failed',
    next: 'Read the last lines of its output above; when it is put right, run the same command again.',
  },
  'document-invalid': {
    class: 'user',
    title: 'The Cloud document has errors',
    next: 'Correct the places listed; nothing was touched.',
  },
  internal: {
    class: 'bug',
    title: 'A bug in croque',
    next: 'Please report it with this output. Running the same command again is safe.',
  },
} as const satisfies Record<string, CodeEntry>
