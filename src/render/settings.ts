/** What the document says about the options of one container: its layers, weakest first, and what of them comes by the environment. */
import type { EnvValue, FileSpec, Role, Work } from '../catalog/index.ts'
import type { IniLayer } from '../oslo/index.ts'
import type { Cloud } from '../spec/index.ts'

export interface WorkId {
  readonly service: string
  readonly name: string
  /** Set when it is the work of this one node, which has settings of its own. */
  readonly node?: string
}

type ConfigFile = Cloud['spec']['services'][string]['config'][string]
type ConfigValue = ConfigFile[string][string]
type SecretValue = Extract<ConfigValue, { readonly secretRef: unknown }>

const isSecretRef = (value: ConfigValue): value is SecretValue =>
  typeof value === 'object' && value !== null && 'secretRef' in value

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Base names of the files that take options from the document. */
export const optionFiles = (files: Readonly<Record<string, FileSpec>> = {}): readonly string[] =>
  Object.entries(files)
    .filter(([, file]) => !('text' in file))
    .map(([path]) => baseName(path))

/** Roles of the nodes that it runs on. */
export function rolesOf(cloud: Cloud, { service, name }: WorkId, work: Work): readonly Role[] {
  const settings = cloud.spec.services[service]
  const chosen = settings?.components[name]?.placement ?? settings?.placement
  return chosen === undefined ? work.placement : [chosen]
}

/** Nodes with settings for a file of this work, so that it is another one there. Only what runs once a node can be. */
export function ownNodes(
  cloud: Cloud,
  { service }: WorkId,
  work: Work & { readonly kind?: string },
): readonly string[] {
  if (work.kind !== 'daemonset') return []
  const names = optionFiles(work.files)
  const isSet = (file: ConfigFile | undefined): boolean =>
    Object.values(file ?? {}).some((options) => Object.keys(options).length > 0)
  return Object.entries(cloud.spec.nodes)
    .filter(([, { config }]) => names.some((name) => isSet(config[service]?.[name])))
    .map(([node]) => node)
}

/** Service < component < node role < node. */
function layersOf(cloud: Cloud, id: WorkId, work: Work, file: string): readonly ConfigFile[] {
  const { services, nodeRoles, nodes } = cloud.spec
  const settings = services[id.service]
  return [
    settings?.config[file],
    settings?.components[id.name]?.config[file],
    ...rolesOf(cloud, id, work).map((role) => nodeRoles[role]?.config[id.service]?.[file]),
    ...(id.node === undefined ? [] : [nodes[id.node]?.config[id.service]?.[file]]),
  ].filter((layer) => layer !== undefined)
}

/** The layers over a file. An option whose value stands in a Secret is taken out of it: it comes by the environment. */
export const fileLayers = (cloud: Cloud, id: WorkId, work: Work, file: string): readonly IniLayer[] =>
  layersOf(cloud, id, work, file).map((layer) =>
    Object.fromEntries(
      Object.entries(layer).map(([section, options]) => [
        section,
        Object.fromEntries(
          Object.entries(options).map(([option, value]) => [option, isSecretRef(value) ? null : value]),
        ),
      ]),
    ),
  )

/** The variable by which oslo.config reads an option, before any file. */
const variableOf = (section: string, option: string): string =>
  `OS_${section}__${option}`.toUpperCase().replaceAll('-', '_')

/**
 * The environment of a work. oslo.config reads it before any file, so that a variable of the catalog goes where the document
 * has a word on its option; what stands in a Secret of the user's comes in.
 */
export function environment(cloud: Cloud, id: WorkId, work: Work): Work['env'] {
  const said = new Map<string, ConfigValue>()
  for (const file of optionFiles(work.files)) {
    for (const layer of layersOf(cloud, id, work, file)) {
      for (const [section, options] of Object.entries(layer))
        for (const [option, value] of Object.entries(options)) said.set(variableOf(section, option), value)
    }
  }
  if (said.size === 0) return work.env
  const kept = Object.entries(work.env ?? {}).filter(([name]) => !said.has(name))
  const secret = [...said].flatMap(([name, value]): [string, EnvValue][] =>
    isSecretRef(value) ? [[name, { secret: value.secretRef.name, key: value.secretRef.key }]] : [],
  )
  return Object.fromEntries([...kept, ...secret])
}
