/** Whatever went wrong, as an answer. */
import { CroqueError } from '../../../errors/index.ts'
import { isAway } from '../../../openstack/index.ts'
import { ConflictError } from '../../model/index.ts'
import { ApiError, type ApiReply } from '../route.ts'
import { errorBody } from '../wire/index.ts'

/** An error that brings its whole answer with it, as those of authentication do. */
interface WithReply extends Error {
  readonly reply: ApiReply
}

export interface Refusal {
  readonly reply: ApiReply
  /** It is ours: to be logged with everything known. */
  readonly unexpected: boolean
}

export function refuse(error: unknown): Refusal {
  if (bringsReply(error)) return { reply: error.reply, unexpected: error.reply.status >= 500 }
  const known = asApiError(error)
  if (known !== undefined)
    return { reply: { status: known.status, body: errorBody(known) }, unexpected: known.status >= 500 }
  const ours = new ApiError(
    500,
    'An unexpected error occurred. The log of the service has it under the id of this request.',
  )
  return { reply: { status: 500, body: errorBody(ours) }, unexpected: true }
}

function bringsReply(error: unknown): error is WithReply {
  if (!(error instanceof Error) || !('reply' in error)) return false
  const { reply } = error
  return reply !== null && typeof reply === 'object' && 'status' in reply && typeof reply.status === 'number'
}

/** An API server that has just started may know neither us nor our rights for a moment. */
const retryable: readonly string[] = [
  'clusters-stale',
  'kube-busy',
  'kube-expired',
  'kube-failed',
  'kube-forbidden',
  'kube-unauthorized',
  'kube-unreachable',
]

function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  if (error instanceof ConflictError)
    return new ApiError(409, 'The object was changed by another request at the same time. Look at it and try again.')
  // The API server that keeps our state restarts, or is out of reach.
  if (error instanceof CroqueError && retryable.includes(error.code))
    return new ApiError(503, 'The state of clusters cannot be reached right now. Try again in a moment.', {
      cause: error,
    })
  if (isAway(error))
    return new ApiError(
      503,
      'A service of the cloud that was asked does not answer right now. Try again in a moment.',
      {
        cause: error,
      },
    )
  return ofFastify(error)
}

/** What Fastify refuses by itself: bodies that are too big, types that are none, URLs that cannot be read. */
function ofFastify(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined
  const { code, statusCode } = error
  if (typeof code !== 'string' || !code.startsWith('FST_') || typeof statusCode !== 'number' || statusCode >= 500)
    return undefined
  return new ApiError(statusCode, error.message)
}
