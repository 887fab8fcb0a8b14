/** A registry is named where images come from one. */
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

export const imageRules: Rule = ({ cloud, broken }) => {
  const { source, registry, ca } = cloud.spec.images
  if (broken(['spec', 'images', 'registry'])) return []
  if (registry !== undefined) {
    const message = 'the nodes would look for it on themselves: name the registry as it is called from elsewhere'
    return source === 'registry' && isLoopback(registry)
      ? [error({ path: ['spec', 'images', 'registry'], message })]
      : []
  }
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

const isLoopback = (registry: string): boolean => /^(localhost|127(\.\d+){3})(:\d+)?(\/|$)/.test(registry)
