/** A registry is named where images come from one, and every service of the cloud has images there. */
import { error } from '../issues.ts'
import type { Rule } from './index.ts'

export const imageRules: Rule = (facts) => [...registryRules(facts), ...kollaRules(facts), ...lackingRules(facts)]

/** Services that no image of the source is there for. */
const lackingRules: Rule = ({ cloud: { spec }, knownServices }) => {
  const { source } = spec.images
  return knownServices.flatMap(({ name, lacking = {} }) => {
    const why = lacking[source]
    const elsewhere = name === 'ceph' && spec.storage.external !== undefined
    if (why === undefined || elsewhere || spec.services[name]?.enabled === false) return []
    const users = knownServices.filter(({ needs = [] }) => needs.includes(name)).map((service) => service.name)
    const message = `there is no ${name} from source: ${source} (${why}): ${name === 'ceph' ? 'name one that is there by spec.storage.external, or ' : ''}set enabled: false for ${[name, ...users].join(', ')}`
    const named = spec.services[name] !== undefined
    return [error(named ? { path: ['spec', 'services', name], atKey: true, message } : { path: sourcePath, message })]
  })
}

const sourcePath = ['spec', 'images', 'source']

const kollaRules: Rule = ({ cloud: { spec } }) => {
  if (spec.images.source === 'kolla') {
    // A node of it is the router of the guests' network, and these images have nothing to keep guests from it.
    const message = 'source: kolla is for a cluster that is given: underlay: {type: kubeconfig}'
    return spec.underlay.type === 'embedded' ? [error({ path: sourcePath, message })] : []
  }
  const keys = (['distro', 'tag'] as const).filter((key) => spec.images[key] !== undefined)
  return keys.map((key) =>
    error({ path: ['spec', 'images', key], atKey: true, message: `${key} is for source: kolla only` }),
  )
}

const registryRules: Rule = ({ cloud, broken }) => {
  const { source, registry, ca, credentials } = cloud.spec.images
  if (broken(['spec', 'images', 'registry'])) return []
  if (registry !== undefined) {
    const message = 'the nodes would look for it on themselves: name the registry as it is called from elsewhere'
    return source !== 'build' && isLoopback(registry) ? [error({ path: ['spec', 'images', 'registry'], message })] : []
  }
  return [
    ...(source === 'registry'
      ? [
          error({
            path: sourcePath,
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
