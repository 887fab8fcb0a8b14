/**
 * Resource versions of one kind, as numbers of any length in decimal (KEP-5504 makes that a promise of Kubernetes; every API server on
 * etcd has kept it before).
 */
export function isAfter(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length
}

export function later(one: string | undefined, other: string): string {
  return one !== undefined && isAfter(one, other) ? one : other
}
