/** Where API servers of clusters ask about users: webhooks of Kubernetes, not a part of Magnum's API. */
import type { FastifyInstance } from 'fastify'
import type { Reviews } from '../../reviews/index.ts'
import { parseJsonBody } from './body.ts'
import { tokenOf } from './desk.ts'
import { exchangeOf, send } from './exchange.ts'

/** Below it, API servers of clusters prove who they are by tokens of their own. */
const reviewsPath = '/kubernetes/v1'

export const isForReviews = (path: string): boolean => path.startsWith(`${reviewsPath}/`)

const kinds = ['authentication', 'authorization'] as const

export function addReviews(app: FastifyInstance, reviews: Reviews): void {
  for (const kind of kinds)
    app.post<{ Params: { cluster: string } }>(`${reviewsPath}/clusters/:cluster/${kind}`, async (request, reply) => {
      exchangeOf(request).route = `review:${kind}`
      const token = tokenOf(request)
      const text = typeof request.body === 'string' ? request.body : ''
      const asked = parseJsonBody(text, request.headers['content-type'])
      return send(reply, { status: 200, body: await reviews[kind](request.params.cluster, token, asked) })
    })
}
