/** Bodies: what WSME takes for JSON, and no more of it than a request for a cluster could need. */
import { ApiError } from '../route.ts'
import { unknownArgument } from '../wire/index.ts'

const jsonTypes = ['application/json', 'text/javascript', 'application/javascript']
const deepest = 20

/** Undefined for an empty body. @throws ApiError 400 no JSON, or too deep; 415 another type */
export function parseJsonBody(text: string, contentType: string | undefined): unknown {
  if (text === '') return undefined
  const [type = ''] = (contentType ?? '').split(';')
  // WSME reads forms as arguments, and knows none of their names.
  if (type.trim() === 'application/x-www-form-urlencoded') throw unknownArgument([...new URLSearchParams(text).keys()])
  if (!jsonTypes.includes(type.trim())) throw new ApiError(415, `Unknown mimetype: ${type.trim()}`)
  const value = parsed(text)
  if (isDeeper(value, deepest)) throw new ApiError(400, `Request is nested more than ${deepest} levels deep`)
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'Request is not in valid JSON format')
  }
}

/** Goes no deeper than it has to. */
function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}
