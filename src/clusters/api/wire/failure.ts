/** Refusals in WSME's and Magnum's own words. Clients and people search for these texts. */
import { ApiError } from '../route.ts'
import { pythonText } from './python.ts'

/** `Invalid input for field/attribute node_count. Value: '-1'. Value should be greater or equal to 0` */
export function invalidInput(field: string, value: unknown, why: string): ApiError {
  return new ApiError(400, `Invalid input for field/attribute ${field}. Value: '${pythonText(value)}'. ${why}`)
}

/** `Unknown attribute for argument cluster: zzz` */
export function unknownAttribute(argument: string, names: readonly string[]): ApiError {
  const word = names.length > 1 ? 'Unknown attributes' : 'Unknown attribute'
  return new ApiError(400, `${word} for argument ${argument}: ${names.join(', ')}`)
}

/** `Unknown argument: "foo"` */
export function unknownArgument(names: readonly string[]): ApiError {
  return new ApiError(400, `Unknown argument: "${names.join(', ')}"`)
}

/** `Missing argument: "cluster"` */
export function missingArgument(name: string): ApiError {
  return new ApiError(400, `Missing argument: "${name}"`)
}

/** Magnum's InvalidParameterValue and its kin: 400 with a text of its own. */
export function invalidValue(detail: string): ApiError {
  return new ApiError(400, detail)
}

export function notAuthorized(detail = 'Not authorized.'): ApiError {
  return new ApiError(403, detail)
}

export function conflict(detail: string): ApiError {
  return new ApiError(409, detail)
}

export function notFound(detail: string): ApiError {
  return new ApiError(404, detail)
}

/** Somebody else changed the object in between, and what was wished may not be right any more. */
export function changedMeanwhile(what: string): ApiError {
  return new ApiError(409, `${what} was changed by another request at the same time. Look at it and try again.`)
}
