/** Settings for one node: the node is there, and what is set belongs to a component that runs once on it. */
import { nearest } from '../../errors/index.ts'
import type { CheckedSpec } from '../cloud.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import type { KnownService } from '../known.ts'
import { embeddedNodes } from '../underlay.ts'
import { checkConfig, withSuggestion } from './config.ts'
import type { Facts, Rule } from './index.ts'
import { unknownService } from './services.ts'

type Path = readonly PropertyKey[]
type Config = CheckedSpec['nodes'][string]['config'][string]

export const nodeRules: Rule = (facts) =>
  Object.entries(facts.cloud.spec.nodes).flatMap(([node, { config }]) => {
    const path = ['spec', 'nodes', node]
    return [
      ...unknownNode(path, node, facts),
      ...Object.entries(config).flatMap(([service, files]) =>
        checkService([...path, 'config', service], files, service, facts.knownServices),
      ),
    ]
  })

/** Of the embedded underlay the names are known beforehand, but for a node that is there on some machines only. */
export function unknownNode(path: Path, node: string, { cloud, broken }: Facts): readonly Problem[] {
  if (broken(['metadata', 'name']) || broken(['spec', 'underlay'])) return []
  const { underlay } = cloud.spec
  if (underlay.type !== 'embedded') return []
  const { nodes, lxcNodes } = underlay
  const allowed = embeddedNodes(cloud.metadata.name, nodes, lxcNodes)
  if (allowed.includes(node)) return []
  if (lxcNodes === undefined && embeddedNodes(cloud.metadata.name, 0, 1).includes(node)) {
    const message = `whether there is a node "${node}" depends on the machine: ask for it by spec.underlay.lxcNodes: 1`
    return [error({ path, atKey: true, message })]
  }
  const message = `the underlay has no node "${node}"`
  return [error({ path, atKey: true, message, allowed, ...withSuggestion(nearest(node, allowed)) })]
}

function checkService(
  path: Path,
  config: Config,
  service: string,
  knownServices: readonly KnownService[],
): readonly Problem[] {
  const known = knownServices.find(({ name }) => name === service)
  if (known === undefined) return [unknownService(path, service, knownServices)]
  const readers = `settings for one node are for what runs once a node: ${perNode(knownServices).join(', ')}`
  const read = Object.values(known.perNode ?? {}).flat()
  if (read.length === 0)
    return [
      error({ path, atKey: true, message: `no component of ${service} can differ from node to node; ${readers}` }),
    ]
  return Object.entries(config).flatMap(([file, sections]) =>
    file in known.files && !read.includes(file)
      ? [
          error({
            path: [...path, file],
            atKey: true,
            message: `what reads ${file} does not run once a node; ${readers}`,
          }),
        ]
      : checkConfig(path, { [file]: sections }, known.files),
  )
}

/** `nova/compute (nova.conf)` */
const perNode = (knownServices: readonly KnownService[]): readonly string[] =>
  knownServices.flatMap(({ name, perNode: components = {} }) =>
    Object.entries(components)
      .filter(([, files]) => files.length > 0)
      .map(([component, files]) => `${name}/${component} (${files.join(', ')})`),
  )
