/** An object of the API server as it is kept in memory. */
import type { KubeObject } from '../../kube/index.ts'
import type { Stored } from '../model/index.ts'
import type { Intern } from './intern.ts'

/** What every spec of ours has; only quotas have no name. */
export interface AnySpec {
  readonly name?: string
  readonly projectId: string
  readonly createdAt: string
}

export type Item<Spec = AnySpec, Status = unknown> = Stored<Spec, Status>

/** What was read of the API server: it has checked spec and status by the schema of the kind. */
export function itemOf<Spec, Status>({ metadata, spec, status }: KubeObject): Item<Spec, Status> {
  const { name, resourceVersion = '', uid = '', deletionTimestamp } = metadata
  return {
    uuid: name,
    resourceVersion,
    uid,
    ...(deletionTimestamp === undefined ? {} : { deletedAt: deletionTimestamp }),
    spec: spec as Spec,
    status: (status ?? {}) as Status,
  }
}

/** The object without what {@link itemOf} does not look at; what is looked at is its own, and may be changed by `intern`. */
export function pared({ apiVersion, kind, metadata, spec, status }: KubeObject, intern: Intern): KubeObject {
  const { name, resourceVersion = '', uid = '', deletionTimestamp } = metadata
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      resourceVersion,
      uid,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: intern(spec),
    status: intern(status),
  }
}

/** Oldest first; what came at the same moment in the order of UUIDs. */
export function oldestFirst(one: Item, other: Item): number {
  return compare(one.spec.createdAt, other.spec.createdAt) || compare(one.uuid, other.uuid)
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
