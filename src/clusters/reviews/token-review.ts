/**
 * Who a token of Keystone is to a cluster (`TokenReview` of authentication.k8s.io/v1): a user of the cluster's project, in the groups
 * that his roles there are. Names, groups and `extra` are those of k8s-keystone-auth (cloud-provider-openstack), so that bindings and
 * policies written for it go on working.
 */
import { z } from 'zod'
import { ApiError } from '../api/route.ts'
import { AuthenticationError, type TokenFacts, type Validate } from '../identity/index.ts'

const version = 'authentication.k8s.io/v1'

const review = z.object({
  apiVersion: z.literal(version),
  kind: z.literal('TokenReview'),
  spec: z.object({ token: z.string().max(20_000) }),
})

export const extraKeys = {
  roles: 'alpha.kubernetes.io/identity/roles',
  projectId: 'alpha.kubernetes.io/identity/project/id',
  projectName: 'alpha.kubernetes.io/identity/project/name',
  domainId: 'alpha.kubernetes.io/identity/user/domain/id',
} as const

interface UserInfo {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** `error` is for the log of the API server; one that is told is not remembered there. */
type Status =
  | { readonly authenticated: true; readonly user: UserInfo }
  | { readonly authenticated: false; readonly error?: string }

export interface TokenReview {
  readonly apiVersion: typeof version
  readonly kind: 'TokenReview'
  readonly status: Status
}

/** @throws ApiError 400 for what is no review */
export async function reviewToken(
  body: unknown,
  { projectId, validate }: { readonly projectId: string; readonly validate: Validate },
): Promise<TokenReview> {
  const read = review.safeParse(body)
  if (!read.success) throw new ApiError(400, `A TokenReview of ${version} is expected here.`)
  return {
    apiVersion: version,
    kind: 'TokenReview',
    status: await statusOf(read.data.spec.token.trim(), projectId, validate),
  }
}

async function statusOf(token: string, projectId: string, validate: Validate): Promise<Status> {
  try {
    const facts = isTokenLike(token) ? await validate(token) : undefined
    return facts === undefined ? { authenticated: false } : judge(facts, projectId)
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error
    return refused('Keystone did not say whether this token is valid')
  }
}

/** Fernet and JWS tokens; nothing else is asked about. */
const isTokenLike = (token: string): boolean => /^[\w.~+/=-]{1,4096}$/.test(token)

const refused = (error: string): Status => ({ authenticated: false, error })

function judge({ who, accessRules, isBound }: TokenFacts, projectId: string): Status {
  const { userName, userDomainId, projectDomainId, projectName = '' } = who
  if (who.projectId !== projectId) return refused('the token is not for the project of this cluster')
  // Else whoever finds what a node calls the cloud with would be a user of the cluster.
  if (accessRules !== undefined) return refused('the token is of an application credential with access rules')
  if (isBound) return refused('the token is bound to something that is not shown here')
  if (isReserved(userName)) return refused(`a user called ${userName} would be one of Kubernetes itself`)
  return {
    authenticated: true,
    user: {
      // Users of other domains may have the same name.
      username: userDomainId === projectDomainId ? userName : `${userName}@${userDomainId}`,
      uid: who.userId,
      groups: [...who.roles.filter((role) => !isReserved(role)), projectId],
      extra: {
        [extraKeys.roles]: who.roles,
        [extraKeys.projectId]: [projectId],
        [extraKeys.projectName]: [projectName],
        [extraKeys.domainId]: [userDomainId],
      },
    },
  }
}

/** What Kubernetes and kubeadm give rights to by name; names in Keystone are anybody's to choose. */
const isReserved = (name: string): boolean => /^(?:system|kubeadm|kubernetes):/.test(name)
