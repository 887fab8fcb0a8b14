/** A server for tests: routes that tell what they were given, callers by token. */
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../identity/caller.ts'
import { createMetrics, type Metrics } from '../../metrics/index.ts'
import { ApiError, type ApiReply, type ApiRequest, type Route } from '../route.ts'
import type { ApiServerOptions } from './options.ts'
import type { LogLine } from './record.ts'
import { createApiServer } from './server.ts'

function callerFixture(changes: Partial<Caller> = {}): Caller {
  return {
    userId: 'user',
    userName: 'user',
    userDomainId: 'default',
    projectId: 'project',
    roles: ['member', 'reader'],
    serviceRoles: [],
    isAdmin: false,
    token: 'member',
    expiresAt: new Date('2099-01-01T00:00:00Z'),
    ...changes,
  }
}

/** Brings its answer with it, as the error of authentication does. */
class Unauthenticated extends Error {
  readonly reply: ApiReply = {
    status: 401,
    headers: { 'www-authenticate': 'Keystone uri="http://keystone"' },
    body: {
      error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
    },
  }
}

const callers: Readonly<Record<string, Caller>> = {
  member: callerFixture(),
  other: callerFixture({ userId: 'other', projectId: 'other', token: 'other' }),
  admin: callerFixture({
    userId: 'admin',
    projectId: 'admin',
    roles: ['admin', 'member', 'reader'],
    isAdmin: true,
    token: 'admin',
  }),
}

/** By the tokens `member`, `other` and `admin`. */
const authenticateFixture: ApiServerOptions['authenticate'] = async ({ headers }) => {
  const token = headers['x-auth-token']
  const caller = typeof token === 'string' && Object.hasOwn(callers, token) ? callers[token] : undefined
  if (caller === undefined) throw new Unauthenticated('no token')
  return await Promise.resolve(caller)
}

/** Says what came in. */
const echo = async (request: ApiRequest): Promise<ApiReply> => {
  const { params, version, body, query, baseUrl, requestId, caller } = request
  return await Promise.resolve({
    status: 200,
    body: { params, minor: version.minor, body, query: [...query], baseUrl, requestId, userId: caller.userId },
  })
}

const route = (method: Route['method'], path: string, versions?: Route['versions']): Route => ({
  method,
  path,
  name: `test:${method.toLowerCase()}`,
  handle: echo,
  ...(versions === undefined ? {} : { versions }),
})

/** Those Magnum has, as far as its router tells them apart. */
const echoRoutes: readonly Route[] = [
  route('GET', '/clusters'),
  route('GET', '/clusters/detail'),
  route('POST', '/clusters'),
  route('GET', '/clusters/:cluster'),
  route('PATCH', '/clusters/:cluster'),
  route('DELETE', '/clusters/:cluster'),
  route('POST', '/clusters/:cluster/actions/resize', { from: 7 }),
  route('POST', '/clusters/:cluster/actions/upgrade', { from: 8 }),
  route('GET', '/clusters/:cluster/nodegroups', { from: 9 }),
  route('POST', '/clusters/:cluster/nodegroups', { from: 9 }),
  route('GET', '/clusters/:cluster/nodegroups/:nodegroup', { from: 9 }),
  route('DELETE', '/clusters/:cluster/nodegroups/:nodegroup', { from: 9 }),
  route('GET', '/certificates/:cluster'),
  route('POST', '/certificates'),
  route('PATCH', '/certificates/:cluster'),
  route('PATCH', '/credentials/:cluster', { from: 12 }),
  route('GET', '/quotas'),
  route('GET', '/quotas/:project_id/:resource'),
  route('DELETE', '/quotas/:project_id/:resource'),
  route('GET', '/stats'),
  route('GET', '/bays', { to: 10 }),
  { ...route('GET', '/broken'), handle: async () => await Promise.reject(new Error('a secret detail')) },
  { ...route('GET', '/refused'), handle: async () => await Promise.reject(new ApiError(409, 'No. Not now.')) },
]

export interface TestServer {
  readonly app: FastifyInstance
  readonly log: readonly LogLine[]
  readonly metrics: Metrics
}

export function testServer(options: Partial<ApiServerOptions> = {}): TestServer {
  const log: LogLine[] = []
  const metrics = createMetrics()
  const app = createApiServer({
    routes: echoRoutes,
    authenticate: authenticateFixture,
    metrics,
    log: (line) => log.push(line),
    ...options,
  })
  return { app, log, metrics }
}
