/** Errors as Magnum's clients read them. */
import type { ApiError } from '../route.ts'
import type { Negotiated } from './version.ts'

interface ErrorObject {
  readonly request_id: string
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly links: readonly never[]
}

export interface ErrorBody {
  readonly errors: readonly (ErrorObject | Readonly<Record<string, unknown>>)[]
}

/** Details quote what was sent; a big body is not sent back whole. */
const longest = 4000

/** `{"errors":[{"request_id":"","code":"client","status":400,"title":"...","detail":"...","links":[]}]}` */
export function errorBody({ status, code, message }: Pick<ApiError, 'status' | 'code' | 'message'>): ErrorBody {
  const detail = message.length > longest ? `${message.slice(0, longest)}...` : message
  const [title = ''] = detail.split('.', 1)
  return { errors: [{ request_id: '', code, status, title, detail, links: [] }] }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
}

/** An error of Magnum's router: without a word for those that take more than JSON. */
export function routerErrorBody(status: number, detail: string, prefersJson: boolean): ErrorBody {
  const title = prefersJson ? (titles[status] ?? '') : ''
  return { errors: [{ request_id: '', code: '', status, title, detail: prefersJson ? detail : '', links: [] }] }
}

/** 406 to a version there is not. */
export function versionErrorBody(
  refused: Extract<Negotiated, { readonly error: unknown }>,
  prefersJson: boolean,
): ErrorBody {
  return { errors: [prefersJson ? { ...refused.error, description: refused.description } : refused.error] }
}
