/** A registry is named where images come from one. */
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

export const imageRules: Rule = ({ cloud, broken }) => {
  const { source, registry, ca, credentials } = cloud.spec.images
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
    ...Object.entries({ ca, credentials }).flatMap(([key, value]) =>
      value === undefined
        ? []
        : [
            error({
              path: ['spec', 'images', key],
              atKey: true,
              message: `${key} is for a registry, and none is named`,
            }),
          ],
    ),
  ]
}

const isLoopback = (registry: string): boolean => /^(localhost|127(\.\d+){3})(:\d+)?(\/|$)/.test(registry)
