/** What a container waits for, as the graph sees it and as the init container is told. */
import type { Need, Work } from '../catalog/index.ts'
import { objectName, selectorOf } from './names.ts'

export const needId = (need: Need): string => ('task' in need ? need.task : need.component)

export interface Lookup {
  /** Content-addressed names of tasks' Jobs by task id. */
  readonly jobNames: ReadonlyMap<string, string>
  /** Ids of the components that have a Service. */
  readonly served: ReadonlySet<string>
}

const selectorText = (id: string): string =>
  Object.entries(selectorOf(id))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** The argument of `croque-wait`. */
export function waitArgument(work: Work, { jobNames, served }: Lookup): readonly object[] {
  return work.needs.map((need) => {
    if ('task' in need) return { kind: 'task', id: need.task, name: jobNames.get(need.task) ?? objectName(need.task) }
    if (need.sameNode === true) return { kind: 'node', id: need.component, selector: selectorText(need.component) }
    if (!served.has(need.component)) return { kind: 'pod', id: need.component, selector: selectorText(need.component) }
    return { kind: 'endpoint', id: need.component, name: objectName(need.component) }
  })
}
