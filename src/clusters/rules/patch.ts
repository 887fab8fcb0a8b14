/** What PATCH of a cluster may change: the node count, which means the default workers, and health. */
import type { HealthName } from '../model/index.ts'
import { Refusal } from './refusal.ts'

const changeable = new Set(['node_count', 'health_status', 'health_status_reason'])

export interface ClusterPatch {
  /** Of the default workers; undefined when it stays. */
  readonly nodeCount?: number
  /** Undefined when health stays as it is. */
  readonly health?: { readonly status: HealthName | null; readonly reason: Readonly<Record<string, string>> }
}

export interface PatchedCluster {
  /** All properties as they were, by the API's names. */
  readonly before: Readonly<Record<string, unknown>>
  /** As the patch made them, defaults filled in; what was removed and has no default is absent. */
  readonly after: Readonly<Record<string, unknown>>
  /** Paths of the patch: `/node_count`. */
  readonly paths: readonly string[]
}

/**
 * A property that was replaced by what it is already has not changed. `node_count` counts all groups but masters, so it is taken for the
 * default workers' only where the patch names it; removed, it is 1.
 * @throws Refusal 400 for a property that may not change
 */
export function decidePatch({ before, after, paths }: PatchedCluster): ClusterPatch {
  const changed = Object.keys(before).filter((name) => !same(before[name], after[name]))
  const refused = changed.filter((name) => !changeable.has(name))
  if (refused.length > 0)
    throw new Refusal(400, `cannot change cluster property(ies) ${refused.join(', ')}.${advice(refused)}`)
  const healthChanged = changed.some((name) => name.startsWith('health_'))
  return {
    ...(paths.includes('/node_count') ? { nodeCount: Number(after['node_count'] ?? 1) } : {}),
    ...(healthChanged || paths.some((path) => path.startsWith('/health_status')) ? { health: healthOf(after) } : {}),
  }
}

function healthOf(after: PatchedCluster['after']): NonNullable<ClusterPatch['health']> {
  return {
    status: (after['health_status'] ?? null) as HealthName | null,
    reason: (after['health_status_reason'] ?? {}) as Readonly<Record<string, string>>,
  }
}

const elsewhere: Readonly<Record<string, string>> = {
  master_count: 'openstack coe cluster resize CLUSTER N --nodegroup default-master',
  cluster_template_id: 'openstack coe cluster upgrade CLUSTER TEMPLATE',
  labels: 'openstack coe cluster upgrade CLUSTER TEMPLATE, or openstack coe nodegroup create CLUSTER NAME --labels',
}

function advice(names: readonly string[]): string {
  const found = names.flatMap((name) => elsewhere[name] ?? [])
  return found.length === 0 ? '' : ` Try: ${found.join('; ')}`
}

/** Equal as JSON is, whatever the order of keys. */
function same(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false
  const [left, right] = [Object.entries(one), new Map(Object.entries(other))]
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)))
}
