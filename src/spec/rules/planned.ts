/** Fields that the document has, and this version cannot follow yet: refused, since nobody wants them passed over in silence. */
import type { CheckedSpec } from '../cloud.ts'
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

interface Planned {
  readonly path: readonly string[]
  readonly used: (spec: CheckedSpec) => boolean
  readonly message: string
}

const planned: readonly Planned[] = [
  {
    path: ['images', 'registry'],
    used: ({ images }) => images.registry !== undefined,
    message: 'a registry is planned, and not in this version; images go straight to the nodes',
  },
]

export const plannedRules: Rule = ({ cloud, broken }) =>
  planned
    .map((each) => ({ ...each, path: ['spec', ...each.path] }))
    .filter(({ path, used }) => used(cloud.spec) && !broken(path))
    .map(({ path, message }) => error({ path, message, atKey: true }))
