/** Who wrote a field: reads the field managers of a live object. Pure. */
import type { KubeObject } from '../kube/index.ts'
import type { FieldDiff } from './compare.ts'

type FieldSet = { readonly [key: string]: FieldSet }

/** Other managers that own one of the changed fields, with the paths they own; empty when the change is ours alone. */
export function otherWriters(
  live: KubeObject,
  diffs: readonly FieldDiff[],
  ours: string,
): ReadonlyMap<string, readonly string[]> {
  const writers = new Map<string, string[]>()
  for (const entry of live.metadata.managedFields ?? []) {
    if (entry.manager === ours || entry.subresource === 'status' || entry.fieldsV1 === undefined) continue
    const paths = diffs
      .filter((diff) => diff.before !== undefined && owns(entry.fieldsV1 as FieldSet, segments(diff.path)))
      .map((diff) => diff.path)
    if (paths.length > 0) writers.set(entry.manager, [...(writers.get(entry.manager) ?? []), ...paths])
  }
  return writers
}

/** `spec.containers[api].image` -> `['spec', 'containers', '[api]', 'image']`; dots inside brackets and of label names stay in doubt and are matched by prefix. */
function segments(path: string): readonly string[] {
  return path.split(/\.(?![^[]*\])|(?=\[)/)
}

function owns(fields: FieldSet, path: readonly string[]): boolean {
  if (path.length === 0) return true
  const [head = '', ...rest] = path
  if (head.startsWith('['))
    return Object.entries(fields).some(([key, below]) => isItem(key, head.slice(1, -1)) && owns(below, rest))
  const direct = fields[`f:${head}`]
  if (direct !== undefined) return isLeaf(direct) || owns(direct, rest)
  // Names of labels and annotations hold dots themselves.
  const joined = fields[`f:${path.join('.')}`]
  return joined !== undefined && isLeaf(joined)
}

function isItem(key: string, name: string): boolean {
  if (!key.startsWith('k:')) return false
  return Object.values(JSON.parse(key.slice(2)) as Record<string, unknown>).some((value) => String(value) === name)
}

function isLeaf(fields: FieldSet): boolean {
  return Object.keys(fields).every((key) => key === '.')
}
