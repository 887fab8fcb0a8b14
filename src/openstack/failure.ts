/** What a failed call says: the service's own message, its request id, and the call; never a token or a password. */
import { CroqueError } from '../errors/index.ts'
import type { Exchanged } from './http.ts'

/** An answer with a status that was not asked for. */
export class CallError extends CroqueError {
  readonly status: number

  constructor(call: string, answer: Exchanged, hide: (text: string) => string) {
    const id = answer.headers['x-openstack-request-id'] ?? answer.headers['x-compute-request-id']
    super('openstack-call-failed', {
      what: `${call} was answered with ${answer.status}`,
      why: hide([serviceMessage(answer.text), ...(id === undefined ? [] : [`request ${id}`])].join('\n')),
    })
    this.name = 'CallError'
    this.status = answer.status
  }
}

/** The HTTP status of a failed call; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof CallError ? error.status : undefined
}

/** Nobody answered, or a proxy said that nobody does. */
export function isAway(error: unknown): boolean {
  if (error instanceof CallError) return [502, 503, 504].includes(error.status)
  return error instanceof CroqueError && error.code === 'openstack-unreachable'
}

/** True when it is unknown whether the call was carried out: look before it is made again. */
export function isDoubtful(error: unknown): boolean {
  return isAway(error) || statusOf(error) === 500
}

/**
 * The sentence for people in an error answer. Shapes: Nova `{badRequest: {message}}`, Neutron `{NeutronError: {message}}`,
 * Keystone `{error: {message}}`, Placement `{errors: [{detail}]}`, Glance and proxies HTML.
 */
export function serviceMessage(text: string): string {
  return jsonMessage(text) ?? htmlText(text).slice(0, 500)
}

function jsonMessage(text: string): string | undefined {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null) return undefined
  const inner: unknown = Object.values(value)[0]
  const first: unknown = Array.isArray(inner) ? inner[0] : inner
  if (typeof first === 'string') return first
  if (typeof first !== 'object' || first === null) return undefined
  for (const name of ['message', 'detail', 'title']) {
    const found: unknown = Object.entries(first).find(([key]) => key === name)?.[1]
    if (typeof found === 'string' && found !== '') return found
  }
  return undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function htmlText(text: string): string {
  return text
    .replaceAll(/<(head|style|script)\b.*?<\/\1>/gis, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
