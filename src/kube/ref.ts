import type { KubeObject } from './object.ts'

/** Names a kind: enough to list and watch it. */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

/** Names one object. */
export interface ObjectRef extends KindRef {
  readonly name: string
  readonly namespace?: string
}

export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/** `Deployment/openstack/keystone-api`; without the namespace for what has none. For people and for events. */
export function subjectOf(ref: ObjectRef): string {
  return [ref.kind, ref.namespace, ref.name].filter((part) => part !== undefined).join('/')
}

/** Identity across API versions of the same group: `apps/Deployment/openstack/keystone-api`. */
export function keyOf(ref: ObjectRef): string {
  return [groupOf(ref), ref.kind, ref.namespace ?? '', ref.name].join('/')
}

/** The API group; empty for the core group. */
export function groupOf(kind: KindRef): string {
  return kind.apiVersion.includes('/') ? (kind.apiVersion.split('/')[0] ?? '') : ''
}
