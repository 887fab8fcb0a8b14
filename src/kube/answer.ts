/** What an API server's refusal means: one place that turns HTTP answers into croque's error codes. */
import { CroqueError, type ErrorCode } from '../errors/index.ts'

/** The `Status` object of an API server's refusal, as far as it is read. */
export interface StatusAnswer {
  readonly kind?: string
  readonly message?: string
  readonly reason?: string
  readonly code?: number
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[]
    readonly retryAfterSeconds?: number
  }
}

/** A refusal by the API server: the code says which class, `status` is the HTTP status, `answer` what the server said. */
export class KubeError extends CroqueError {
  readonly status: number
  readonly answer: StatusAnswer

  constructor(code: ErrorCode, what: string, status: number, answer: StatusAnswer) {
    super(code, { what, why: answer.message ?? `HTTP ${status}` })
    this.name = 'KubeError'
    this.status = status
    this.answer = answer
  }

  /** Fields owned by other managers that stood in the way of an apply: `[{ manager, field }]`. */
  get conflicts(): readonly { readonly manager: string; readonly field: string }[] {
    const causes = this.answer.details?.causes ?? []
    return causes
      .filter((cause) => cause.reason === 'FieldManagerConflict')
      .map((cause) => ({ manager: /"([^"]+)"/.exec(cause.message ?? '')?.[1] ?? 'unknown', field: cause.field ?? '' }))
  }

  /** The object of that name is there already (answer to a create). */
  get alreadyExists(): boolean {
    return this.answer.reason === 'AlreadyExists'
  }

  /** The change touches a field that this kind never lets change. */
  get immutable(): boolean {
    if (this.status !== 422 && this.status !== 403) return false
    return /immutable|forbidden: updates to|may not change|cannot change roleRef|field is not allowed/i.test(
      this.answer.message ?? '',
    )
  }
}

const codeOf: Readonly<Record<number, ErrorCode>> = {
  400: 'kube-invalid',
  401: 'kube-unauthorized',
  403: 'kube-forbidden',
  404: 'kube-not-found',
  405: 'kube-invalid',
  409: 'kube-conflict',
  410: 'kube-expired',
  413: 'kube-invalid',
  415: 'kube-invalid',
  422: 'kube-invalid',
  429: 'kube-busy',
}

/** The error for an HTTP status of 400 or more; `what` names the request for people. */
export function refusal(status: number, body: string, what: string): KubeError {
  return new KubeError(codeOf[status] ?? 'kube-failed', what, status, parseStatus(body))
}

function parseStatus(body: string): StatusAnswer {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // A proxy or a starting API server answers in plain text.
  }
  const message = body.trim().slice(0, 500)
  return message === '' ? {} : { message }
}

/** True when the same call may succeed a moment later: the server restarts, is too busy, or lost its etcd leader. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KubeError) {
    return (
      [429, 502, 503, 504].includes(error.status) ||
      (error.status === 500 && /etcd|leader|timeout|timed out|apiserver is shutting down/i.test(error.why ?? ''))
    )
  }
  return error instanceof CroqueError && error.code === 'kube-unreachable'
}
