/** A registry is named where images come from one. */
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

export const imageRules: Rule = ({ cloud, broken }) => {
  const { source, registry, ca } = cloud.spec.images
  if (registry !== undefined || broken(['spec', 'images', 'registry'])) return []
  return [
    ...(source === 'registry'
      ? [
          error({
            path: ['spec', 'images', 'source'],
            message: 'source: registry needs a registry: HOST[:PORT][/PREFIX]',
          }),
        ]
      : []),
    ...(ca === undefined
      ? []
      : [error({ path: ['spec', 'images', 'ca'], atKey: true, message: 'ca is for a registry, and none is named' })]),
  ]
}
