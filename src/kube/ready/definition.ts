import type { KubeObject } from '../object.ts'
import { failed, type JudgeReadiness, ready, waiting } from './readiness.ts'
import { type Condition, conditionOf } from './views.ts'

interface Definition extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] }
}

/** A CustomResourceDefinition is ready when its objects can be made. */
export const judgeDefinition: JudgeReadiness = (object) => {
  const { conditions } = (object as Definition).status ?? {}
  const refused = conditionOf(conditions, 'NamesAccepted', 'False')
  if (refused !== undefined) return failed(`its names are taken: ${refused.message ?? ''}`)
  return conditionOf(conditions, 'Established', 'True') === undefined
    ? waiting('is not served yet')
    : ready('is served')
}
