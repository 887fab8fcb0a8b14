/** Why something was not found, in Magnum's words, and what there is instead. */
import { CroqueError, nearest } from '../../errors/index.ts'
import { statusOf } from '../../openstack/index.ts'
import { ApiError } from '../api/route.ts'

/** What a caller is told of one lookup that failed. */
export class Fault extends Error {
  readonly status: number

  /** `words` are Magnum's and end with a full stop; `help` are sentences that follow. */
  constructor(status: number, words: string, help = '', cause?: unknown) {
    super(help === '' ? words : `${words} ${help}`, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.status = status
  }
}

/** What may stand in a field, and how to see all of it. */
export interface Choices {
  /** The field as callers write it: `image_id`. */
  readonly field: string
  readonly value: string
  readonly names: readonly string[]
  /** `openstack flavor list` */
  readonly command: string
}

const mostNames = 10

export function helpWith({ field, value, names, command }: Choices): string {
  const told = [...new Set(names)].filter((name) => name !== '').sort()
  const meant = nearest(value, told)
  const more = told.length > mostNames ? ` and ${told.length - mostNames} more` : ''
  return [
    `It was sent as ${field}.`,
    ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    told.length === 0
      ? 'There is none that you may use.'
      : `You may use: ${told.slice(0, mostNames).join(', ')}${more}.`,
    `To see what there is: ${command}`,
  ].join(' ')
}

/** Services, as Magnum calls them in its errors and as people call them. */
export const services = {
  glance: 'Image',
  nova: 'Compute',
  neutron: 'Network',
} as const

/** What a caller may know of a call that failed: never addresses, or what the service said; that is in `cause`, for the log. */
export function faultOf(error: unknown, service: keyof typeof services, what: string): Fault {
  if (error instanceof Fault) return error
  const status = statusOf(error)
  const code = error instanceof CroqueError ? error.code : undefined
  if (status === 401 || status === 403 || code === 'openstack-login-refused')
    return new Fault(
      403,
      `${service} connection failed.`,
      `The ${services[service]} service did not accept your token while ${what} was looked up. Get a new one, or use one that may do that.`,
      error,
    )
  if (code === 'openstack-endpoint-missing')
    return new Fault(
      403,
      `${service} connection failed.`,
      `The service catalog of your token has no ${services[service]} service, so ${what} could not be looked up.`,
      error,
    )
  return new Fault(
    503,
    `The ${services[service]} service did not answer while ${what} was looked up.`,
    'Nothing was changed: try again in a moment.',
    error,
  )
}

/** One answer for all that failed. */
export function apiErrorOf(faults: readonly [Fault, ...Fault[]]): ApiError {
  return new ApiError(faults[0].status, [...new Set(faults.map(({ message }) => message))].join(' '), {
    cause: faults[0].cause,
  })
}
