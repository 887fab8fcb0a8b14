/** Where autoscalers of clusters find their Keystone, their Heat and their Nova: not a part of Magnum's API. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Autoscalers, CloudQuestion } from '../../autoscaler/index.ts'
import { ApiError } from '../route.ts'
import { parseJsonBody } from './body.ts'
import { exchangeOf, header, send } from './exchange.ts'

/** Below it, autoscalers prove who they are by a login of their own. */
const autoscalersPath = '/autoscaler'

export const isForAutoscalers = (path: string): boolean => path.startsWith(`${autoscalersPath}/`)

interface Params {
  readonly stack: string
  readonly name?: string
  readonly flavor: string
}

const ofStack =
  (part: Extract<CloudQuestion, { readonly stack: string }>['part']) =>
  ({ stack, name }: Params): CloudQuestion => ({ stack, part, ...(name === undefined ? {} : { name }) })

const stacks = '/orchestration/v1/stacks'
const questions: readonly (readonly [path: string, question: (params: Params) => CloudQuestion])[] = [
  [`${stacks}/:stack`, ofStack('')],
  [`${stacks}/:stack/resources`, ofStack('/resources')],
  [`${stacks}/:name/:stack`, ofStack('')],
  [`${stacks}/:name/:stack/resources`, ofStack('/resources')],
  [`${stacks}/:name/:stack/resources/kube_minions`, ofStack('/resources/kube_minions')],
  ['/compute/v2.1/flavors/:flavor', ({ flavor }) => ({ flavor })],
]

export function addAutoscalers(app: FastifyInstance, autoscalers: Pick<Autoscalers, 'logIn' | 'answer'>): void {
  app.post(`${autoscalersPath}/identity/v3/auth/tokens`, async (request, reply) => {
    exchangeOf(request).route = 'autoscaler:login'
    const text = typeof request.body === 'string' ? request.body : ''
    const { token, body } = await autoscalers.logIn(parseJsonBody(text, request.headers['content-type']))
    return send(reply, { status: 201, body, headers: { 'x-subject-token': token } })
  })
  for (const [path, question] of questions)
    app.get<{ Params: Params }>(`${autoscalersPath}${path}`, async (request, reply) => {
      exchangeOf(request).route = 'autoscaler:look'
      return send(reply, { status: 200, body: await autoscalers.answer(tokenOf(request), question(request.params)) })
    })
}

function tokenOf(request: FastifyRequest): string {
  const token = header(request, 'x-auth-token')
  if (token === undefined) throw new ApiError(401, 'Autoscalers come with a token of their login.')
  return token
}
