/** What a user of Keystone may do in a cluster (`SubjectAccessReview` of authorization.k8s.io/v1), beside what RBAC there allows. */
import { z } from 'zod'
import { ApiError } from '../api/route.ts'
import { type Asked, grants } from './policy.ts'
import { extraKeys } from './token-review.ts'

const version = 'authorization.k8s.io/v1'

const text = z.string().default('')
const review = z.object({
  apiVersion: z.literal(version),
  kind: z.literal('SubjectAccessReview'),
  spec: z.object({
    resourceAttributes: z
      .object({ verb: text, group: text, resource: text, subresource: text, namespace: text })
      .optional(),
    nonResourceAttributes: z.object({ path: text, verb: text }).optional(),
    extra: z.record(z.string(), z.array(z.string())).default({}),
  }),
})

export interface AccessReview {
  readonly apiVersion: typeof version
  readonly kind: 'SubjectAccessReview'
  /** Not allowed is no refusal: others may allow it. */
  readonly status: { readonly allowed: boolean; readonly reason?: string }
}

/** @throws ApiError 400 for what is no review */
export function reviewAccess(body: unknown, { projectId }: { readonly projectId: string }): AccessReview {
  const read = review.safeParse(body)
  if (!read.success) throw new ApiError(400, `A SubjectAccessReview of ${version} is expected here.`)
  const { extra, resourceAttributes: resource, nonResourceAttributes: path } = read.data.spec
  const asked: Asked | undefined = resource ?? path
  const roles = extra[extraKeys.projectId]?.includes(projectId) === true ? (extra[extraKeys.roles] ?? []) : []
  const role = asked === undefined ? undefined : grants(roles, asked)
  return {
    apiVersion: version,
    kind: 'SubjectAccessReview',
    status: role === undefined ? { allowed: false } : { allowed: true, reason: `role ${role} of the project` },
  }
}
