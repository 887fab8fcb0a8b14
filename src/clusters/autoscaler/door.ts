/**
 * Where the stock cluster-autoscaler comes, unmodified. It logs in by a user's password only, and a user's password is all that a user may do;
 * so Keystone has no such user. Here it gets a token that is good for its own cluster: to read and resize it in the API of clusters, as access
 * rules would let it, and to ask about its stacks and about flavors, which the cluster's own user is asked in its place.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'
import { ApiError } from '../api/route.ts'
import { type Caller, pathMatches } from '../identity/index.ts'
import type { Cluster, ClusterStore } from '../model/index.ts'
import type { Ledger } from '../nodes/index.ts'
import { autoscalerToken, claimOf, isPassword, isToken, type LoginFacts } from './login.ts'
import type { CloudQuestion } from './question.ts'

export interface AutoscalersOptions {
  readonly store: Pick<ClusterStore, 'clusters'>
  readonly ledger: Pick<Ledger, 'read'>
  /** Name of the credential that nodes shall have; undefined for a cluster that has no autoscaler. */
  readonly credentialOf: (cluster: Cluster) => Promise<string | undefined>
  /** Of the cloud, as the cluster's own user; undefined for what is not there, or not the cluster's. */
  readonly ask: (cluster: Cluster, question: CloudQuestion) => Promise<unknown>
  /** Of this service, as nodes reach it. */
  readonly url: string
  readonly now: () => Date
}

interface Asking {
  readonly headers: IncomingHttpHeaders
  readonly method: string
  /** As it was sent, below the endpoint: `/v1/clusters/…` */
  readonly path: string
}

export interface Autoscalers {
  /** Keystone's answer to a login. @throws ApiError 400, 401 */
  logIn(body: unknown): Promise<{ readonly token: string; readonly body: object }>
  /** What Heat or Nova answer. @throws ApiError 401, 404 for what is none of the cluster's */
  answer(token: string, question: CloudQuestion): Promise<unknown>
  /** Undefined for whoever does not come with a token of an autoscaler. @throws ApiError 401, 403 for all but reading and resizing its own cluster */
  callerOf(asking: Asking): Promise<Caller | undefined>
}

const loginBody = z.object({
  auth: z.object({
    identity: z.object({
      password: z.object({ user: z.object({ id: z.string().max(100), password: z.string().max(300) }) }),
    }),
  }),
})

const tokenMs = 3_600_000
const refused = (): ApiError => new ApiError(401, 'This is the login of no autoscaler of a cluster.')

export function openAutoscalers({ store, ledger, credentialOf, ask, url, now }: AutoscalersOptions): Autoscalers {
  /** A cluster that goes is not asked about: its user may be gone already, and would be made again. */
  const find = async (clusterId: string): Promise<{ readonly cluster: Cluster; readonly login: LoginFacts }> => {
    const cluster = store.clusters.get(clusterId)
    if (cluster === undefined || cluster.deletedAt !== undefined || cluster.spec.operation.kind === 'delete')
      throw refused()
    const [state, credential] = await Promise.all([ledger.read(clusterId), credentialOf(cluster)])
    if (state === undefined || credential === undefined) throw refused()
    return { cluster, login: { clusterId, key: state.key, credential } }
  }
  const admit = async (token: string): Promise<{ readonly cluster: Cluster; readonly ends: Date }> => {
    const claim = claimOf(token)
    if (claim === undefined || claim.ends <= now()) throw refused()
    const { cluster, login } = await find(claim.clusterId)
    if (!isToken(token, login, claim)) throw refused()
    return { cluster, ends: claim.ends }
  }
  return {
    logIn: async (body) => {
      const read = loginBody.safeParse(body)
      if (!read.success) throw new ApiError(400, 'Autoscalers log in by user-id and password.')
      const { user } = read.data.auth.identity.password
      const { login } = await find(user.id)
      if (!isPassword(user.password, login)) throw refused()
      const begins = now()
      const ends = new Date(begins.getTime() + tokenMs)
      const about = { methods: ['password'], user: { id: user.id, name: userName }, catalog: catalogOf(url) }
      const token = { ...about, issued_at: begins.toISOString(), expires_at: ends.toISOString() }
      return { token: autoscalerToken(login, ends), body: { token } }
    },
    answer: async (token, question) => {
      const { cluster } = await admit(token)
      const answer = await ask(cluster, question)
      if (answer === undefined) throw new ApiError(404, 'This cluster has nothing of that name.')
      return answer
    },
    callerOf: async ({ headers, method, path }) => {
      const token = headers['x-auth-token']
      if (typeof token !== 'string' || claimOf(token) === undefined) return undefined
      const { cluster, ends } = await admit(token)
      if (!mayAsk(cluster, method, path)) throw new ApiError(403, 'An autoscaler may read and resize its own cluster.')
      return callerFor(cluster, token, ends)
    },
  }
}

const userName = 'cluster-autoscaler'

/** In the words of access rules. */
const calls = [
  ['GET', ''],
  ['GET', '/nodegroups'],
  ['GET', '/nodegroups/*'],
  ['POST', '/actions/resize'],
] as const

const mayAsk = ({ uuid }: Cluster, method: string, path: string): boolean =>
  calls.some(([known, below]) => known === method && pathMatches(path, `/v1/clusters/${uuid}${below}`))

/** What policies see: a member of the project, who comes no further than {@link calls}. */
const callerFor = ({ uuid, spec }: Cluster, token: string, expiresAt: Date): Caller => ({
  ...{ userId: uuid, userName, userDomainId: '', projectId: spec.projectId },
  ...{ roles: ['member', 'reader'], serviceRoles: [], isAdmin: false, token, expiresAt },
})

/** By the types and names that it looks for. */
const catalogOf = (url: string): readonly object[] =>
  [
    ['container-infra', 'magnum', '/v1'],
    ['orchestration', 'heat', '/autoscaler/orchestration/v1'],
    ['compute', 'nova', '/autoscaler/compute/v2.1'],
  ].map(([type, name, path]) => ({
    ...{ id: type, type, name },
    endpoints: [{ id: type, interface: 'public', region: '', region_id: '', url: `${url}${path}` }],
  }))
