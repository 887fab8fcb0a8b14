/** The log: JSON lines with the names of oslo.log's, which `croque logs` and collectors know from every other service. */

export type Level = 'INFO' | 'WARNING' | 'ERROR'

export interface Said {
  readonly level: Level
  readonly message: string
  readonly requestId?: string
  /** What is beside: no token, no key, no body. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export type Log = (said: Said) => void

/** A log that writes lines. `now` is in milliseconds since 1970. */
export function lineLog(write: (line: string) => void, now: () => number): Log {
  return ({ level, message, requestId, facts }) => {
    const line = {
      created: now() / 1000,
      levelname: level,
      name: 'croque.clusters',
      message,
      ...(requestId === undefined ? {} : { request_id: requestId }),
      ...facts,
    }
    write(`${JSON.stringify(line)}\n`)
  }
}

/** What an error says, with all that it came from. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `: ${errorText(error.cause)}`
  return `${error.message}${cause}`
}
