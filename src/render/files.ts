/** Configuration files of one container: the document's overrides laid over the catalog's, and the Kolla contract's config.json. */
import { configDir, type FileSpec, type UserName, type Work } from '../catalog/index.ts'
import { mergeIni, writeIni } from '../oslo/index.ts'
import type { Cloud } from '../spec/index.ts'
import { baseName, fileLayers, type WorkId } from './settings.ts'
import { yamlDocument } from './yaml.ts'

/** Key -> text of the ConfigMap that is mounted at {@link configDir}. */
export type ConfigData = Readonly<Record<string, string>>

function content(cloud: Cloud, id: WorkId, path: string, file: FileSpec, work: Work): string {
  if ('text' in file) return file.text
  const given = 'ini' in file ? file.ini : file.yaml
  const sections = Object.fromEntries(Object.entries(given).filter(([, options]) => Object.keys(options).length > 0))
  const merged = mergeIni(sections, ...fileLayers(cloud, id, work, baseName(path)))
  return 'ini' in file ? writeIni(merged) : yamlDocument(merged)
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
    owner: (work.owner ?? work.user) satisfies UserName,
    perm: work.files?.[path]?.mode ?? '0600',
  }))
  const config = { command: work.command.join(' '), ...(copies.length > 0 ? { config_files: copies } : {}) }
  return {
    'config.json': `${JSON.stringify(config, undefined, 2)}\n`,
    ...Object.fromEntries(files.map(([path, file]) => [baseName(path), content(cloud, id, path, file, work)])),
  }
}
