/** What a resource of the API is to the server: routes as data, handlers as functions of a request that was authenticated and negotiated. */
import type { Caller } from '../identity/caller.ts'

/** `{ minor: 10 }` is 1.10; the major version is always 1. */
export interface Microversion {
  readonly minor: number
}

export interface ApiRequest {
  readonly caller: Caller
  readonly version: Microversion
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown
  readonly requestId: string
  /** `https://cloud.croque.local:8443/container-infra`: what links begin with, without a slash at the end. */
  readonly baseUrl: string
  readonly signal: AbortSignal
}

export interface ApiReply {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/v1`, with `:name` for parameters: `/clusters/:cluster/actions/resize`. */
  readonly path: string
  /** For metrics, audit and the OpenAPI document: `cluster:resize`. */
  readonly name: string
  /** Minor versions that have it; outside 406. @default all */
  readonly versions?: { readonly from?: number; readonly to?: number }
  readonly handle: (request: ApiRequest) => Promise<ApiReply>
  /** For the OpenAPI document; a route without it stands there with its path and name only. */
  readonly describes?: RouteDescription
}

/** JSON Schemas, made from the tables that requests and answers are read and written by. */
export interface RouteDescription {
  readonly summary: string
  /** Of a success. @default 200 */
  readonly status?: number
  /** Of a success at 1.1, where that is another. */
  readonly firstStatus?: number
  readonly query?: Readonly<Record<string, Schema>>
  readonly body?: Schema
  readonly answer?: Schema
}

export type Schema = Readonly<Record<string, unknown>>

/** An answer that is not a success, in Magnum's form. `title` defaults to the first sentence of `detail`. */
export class ApiError extends Error {
  readonly status: number
  readonly code: 'client' | 'server' | ''

  constructor(
    status: number,
    detail: string,
    options: { readonly code?: 'client' | 'server' | ''; readonly cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ApiError'
    this.status = status
    this.code = options.code ?? (status < 500 ? 'client' : 'server')
  }
}
