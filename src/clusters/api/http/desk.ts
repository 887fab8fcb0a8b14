/** Where nodes of clusters come to: not a part of Magnum's API, and nothing of it is for people. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Desk } from '../../nodes/index.ts'
import { ApiError } from '../route.ts'
import { parseJsonBody } from './body.ts'
import { exchangeOf, header, send } from './exchange.ts'

/** Below it, nodes prove who they are by tokens of their own. */
const deskPath = '/nodes/v1'

export const isForDesk = (path: string): boolean => path.startsWith(`${deskPath}/`)

const longest = 20_000
const papers = z.strictObject({ requests: z.record(z.string().max(100), z.string().max(longest)) })
const report = z.strictObject({
  phase: z.enum(['running', 'ready', 'failed']),
  revision: z.string().max(100),
  message: z.string().max(longest),
  signature: z.base64().max(1000),
})

export function addDesk(app: FastifyInstance, desk: Desk): void {
  const add = (
    method: 'GET' | 'POST',
    name: string,
    /** Undefined: nothing has changed. */
    answer: (token: string, request: FastifyRequest) => Promise<unknown>,
  ): void => {
    app.route({
      method,
      url: `${deskPath}/${name}`,
      handler: async (request, reply) => {
        exchangeOf(request).route = `node:${name}`
        const body = await answer(tokenOf(request), request)
        return send(reply, { status: body === undefined ? 304 : 200, body })
      },
    })
  }
  add('GET', 'orders', async (token, request) => {
    const [, known] = /^"(\w{1,100})"$/.exec(header(request, 'if-none-match') ?? '') ?? []
    return await desk.orders(token, known)
  })
  add('POST', 'papers', async (token, request) => await desk.papers(token, bodyOf(papers, request).requests))
  add('POST', 'reports', async (token, request) => {
    await desk.report(token, bodyOf(report, request))
    return {}
  })
}

export function tokenOf(request: FastifyRequest): string {
  const [, token] = /^Bearer (\S{1,300})$/.exec(header(request, 'authorization') ?? '') ?? []
  if (token === undefined) throw new ApiError(401, 'Nodes come with their token.')
  return token
}

function bodyOf<Body>(schema: z.ZodType<Body>, request: FastifyRequest): Body {
  const text = typeof request.body === 'string' ? request.body : ''
  const read = schema.safeParse(parseJsonBody(text, request.headers['content-type']))
  if (read.success) return read.data
  throw new ApiError(400, `The request is not what a node sends: ${read.error.issues[0]?.message ?? ''}`)
}
