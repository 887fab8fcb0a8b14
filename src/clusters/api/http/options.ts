/** What the server is given. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Autoscalers } from '../../autoscaler/index.ts'
import type { Caller } from '../../identity/caller.ts'
import type { Metrics } from '../../metrics/index.ts'
import type { Desk } from '../../nodes/index.ts'
import type { Reviews } from '../../reviews/index.ts'
import type { Route } from '../route.ts'
import type { RateLimit } from './rate.ts'
import type { LogLine } from './record.ts'

export interface ApiServerOptions {
  readonly routes: readonly Route[]
  /** Who calls. What it throws with a `reply` is answered with it. */
  readonly authenticate: (request: {
    readonly headers: IncomingHttpHeaders
    readonly method: string
    /** As it was sent. */
    readonly path: string
  }) => Promise<Caller>
  /** Where nodes of clusters come to, by tokens of their own. @default none come */
  readonly desk?: Desk
  /** Where API servers of clusters ask about users, by tokens of their own. @default none may */
  readonly reviews?: Reviews
  /** Where autoscalers of clusters log in and ask about stacks, by a login of their own. @default none may */
  readonly autoscalers?: Pick<Autoscalers, 'logIn' | 'answer'>
  /** Whether requests should be sent here: what `/healthcheck` says. @default always */
  readonly isReady?: () => boolean
  readonly metrics: Metrics
  /** One line of the log. */
  readonly log: (line: LogLine) => void
  /** What links begin with. @default `http://` and the request's Host */
  readonly publicUrl?: string
  /** Bytes. @default 256 KiB */
  readonly bodyLimit?: number
  /** Undefined: no limit. */
  readonly rateLimit?: RateLimit
  readonly timeouts?: Timeouts
  /** PEM; absent: plain HTTP. `server.setSecureContext` renews it. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** Milliseconds. */
export interface Timeouts {
  /** Until all headers came. @default 10 s */
  readonly headers?: number
  /** Until the whole request came. @default 30 s */
  readonly request?: number
  /** For the answer; the route's signal aborts then. @default 120 s */
  readonly answer?: number
  /** Between two requests of a connection. @default 65 s */
  readonly keepAlive?: number
}
