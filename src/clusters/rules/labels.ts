/** Labels of a template, a cluster and a node group: each level replaces those of the one above, or merges over them. */

export type Labels = Readonly<Record<string, string>>

export interface LabelsDiff {
  /** In both, with another value here: the parent's value. */
  readonly overridden: Labels
  /** Here only. */
  readonly added: Labels
  /** In the parent only. */
  readonly skipped: Labels
}

/** Labels that were sent over those of the parent. Nothing sent, or nothing in it, is the parent's. */
export function mergeLabels(parent: Labels, own: Labels | undefined, merge: boolean): Labels {
  if (own === undefined || Object.keys(own).length === 0) return { ...parent }
  return merge ? { ...parent, ...own } : { ...own }
}

export function labelsDiff(parent: Labels, labels: Labels): LabelsDiff {
  const here = Object.entries(labels)
  return {
    overridden: pick(here.flatMap(([key, value]) => changed(parent, key, value))),
    added: pick(here.filter(([key]) => !Object.hasOwn(parent, key))),
    skipped: pick(Object.entries(parent).filter(([key]) => !Object.hasOwn(labels, key))),
  }
}

function changed(parent: Labels, key: string, value: string): readonly (readonly [string, string])[] {
  const above = Object.hasOwn(parent, key) ? parent[key] : undefined
  return above === undefined || above === value ? [] : [[key, above]]
}

/** Keys such as `__proto__` are labels like any other. */
function pick(entries: readonly (readonly [string, string])[]): Labels {
  return Object.fromEntries(entries)
}
