/** Configuration files of one container: the document's overrides laid over the catalog's, and the Kolla contract's config.json. */
import { configDir, type FileSpec, type UserName, type Work } from '../catalog/index.ts'
import { type IniLayer, mergeIni, writeIni } from '../oslo/index.ts'
import type { Cloud } from '../spec/index.ts'

export interface WorkId {
  readonly service: string
  readonly name: string
}

/** Key -> text of the ConfigMap that is mounted at {@link configDir}. */
export type ConfigData = Readonly<Record<string, string>>

/** The document's layers for one file, weakest first: service < component < node role. */
function overrides(cloud: Cloud, { service, name }: WorkId, file: string, work: Work): readonly IniLayer[] {
  const settings = cloud.spec.services[service]
  const layers = [
    settings?.config[file],
    settings?.components[name]?.config[file],
    ...work.placement.map((role) => cloud.spec.nodeRoles[role]?.config[service]?.[file]),
  ]
  return layers.filter((layer) => layer !== undefined).map(plainLayer)
}

/** Options whose value stands in a Secret come by the environment (see {@link secretOptions}), not by the file. */
function plainLayer(layer: NonNullable<Cloud['spec']['services'][string]['config'][string]>): IniLayer {
  return Object.fromEntries(
    Object.entries(layer).map(([section, options]) => [
      section,
      Object.fromEntries(
        Object.entries(options).filter((entry): entry is [string, IniLayer[string][string]] => !isSecretRef(entry[1])),
      ),
    ]),
  )
}

type ConfigValue = Cloud['spec']['services'][string]['config'][string][string][string]
type SecretValue = Extract<ConfigValue, { readonly secretRef: unknown }>

const isSecretRef = (value: ConfigValue): value is SecretValue =>
  typeof value === 'object' && value !== null && 'secretRef' in value

/** `OS_<SECTION>__<OPTION>` variables for the options that the document takes from Secrets. */
export function secretOptions(
  cloud: Cloud,
  id: WorkId,
): Readonly<Record<string, { readonly secret: string; readonly key: string }>> {
  const settings = cloud.spec.services[id.service]
  const files = [settings?.config, settings?.components[id.name]?.config].flatMap((config) =>
    Object.values(config ?? {}),
  )
  return Object.fromEntries(
    files.flatMap((sections) =>
      Object.entries(sections).flatMap(([section, options]) =>
        Object.entries(options).flatMap(([option, value]) =>
          isSecretRef(value)
            ? [
                [
                  `OS_${section}__${option}`.toUpperCase().replaceAll('-', '_'),
                  { secret: value.secretRef.name, key: value.secretRef.key },
                ],
              ]
            : [],
        ),
      ),
    ),
  )
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function content(cloud: Cloud, id: WorkId, path: string, file: FileSpec, work: Work): string {
  if ('text' in file) return file.text
  const sections = Object.fromEntries(Object.entries(file.ini).filter(([, options]) => Object.keys(options).length > 0))
  return writeIni(mergeIni(sections, ...overrides(cloud, id, baseName(path), work)))
}

/** Paths of the files that have their own place in the container. */
export const copiedFiles = (work: Work): readonly string[] =>
  Object.keys(work.files ?? {}).filter((path) => !path.startsWith(`${configDir}/`))

/** All files and `config.json`. A file below {@link configDir} is used in place, any other is copied by `kolla_set_configs`. */
export function configData(cloud: Cloud, id: WorkId, work: Work): ConfigData {
  const files = Object.entries(work.files ?? {})
  const copies = copiedFiles(work).map((path) => ({
    source: `${configDir}/${baseName(path)}`,
    dest: path,
    owner: work.user satisfies UserName,
    perm: work.files?.[path]?.mode ?? '0600',
  }))
  const config = { command: work.command.join(' '), ...(copies.length > 0 ? { config_files: copies } : {}) }
  return {
    'config.json': `${JSON.stringify(config, undefined, 2)}\n`,
    ...Object.fromEntries(files.map(([path, file]) => [baseName(path), content(cloud, id, path, file, work)])),
  }
}
