/** What a container waits for, as the graph sees it and as the init container is told. */
import type { Need, Work } from '../catalog/index.ts'
import { objectName, selectorOf } from './names.ts'

export const needId = (need: Need): string => ('task' in need ? need.task : need.component)

/** One argument of `croque-wait`. `jobNames` gives the content-addressed name of a task's Job. */
export function waitArgument(work: Work, jobNames: ReadonlyMap<string, string>): readonly object[] {
  return work.needs.map((need) => {
    if ('task' in need) return { kind: 'task', id: need.task, name: jobNames.get(need.task) ?? objectName(need.task) }
    if (need.sameNode === true) {
      const [label] = Object.entries(selectorOf(need.component)).map(([key, value]) => `${key}=${value}`)
      return { kind: 'node', id: need.component, selector: label }
    }
    return { kind: 'endpoint', id: need.component, name: objectName(need.component) }
  })
}
