/** Rights in a cluster: what may be done, and by whom. */
import type { KubeObject, ObjectMeta } from './object.ts'

const api = 'rbac.authorization.k8s.io'

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

export interface Subject {
  /** `User`, `Group` or `ServiceAccount`. */
  readonly kind: string
  readonly name: string
  /** Of a ServiceAccount. */
  readonly namespace?: string
}

export interface Rights {
  /** Of both objects. They are a ClusterRole and its binding where it has no namespace. */
  readonly metadata: ObjectMeta
  readonly rules: readonly PolicyRule[]
  readonly subject: Subject
}

/** A role that allows this, and its binding. */
export function rights({ metadata, rules, subject }: Rights): readonly [KubeObject, KubeObject] {
  const kind = metadata.namespace === undefined ? 'ClusterRole' : 'Role'
  const group = subject.kind === 'ServiceAccount' ? {} : { apiGroup: api }
  return [
    { apiVersion: `${api}/v1`, kind, metadata, rules },
    {
      apiVersion: `${api}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: api, kind, name: metadata.name },
      subjects: [{ ...group, ...subject }],
    },
  ]
}
