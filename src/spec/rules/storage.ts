/** Backends of volumes: each stands on something that is there, and each is told from the others. */
import type { OptionList } from '../../oslo/index.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import type { KnownService } from '../known.ts'
import type { VolumeBackend } from '../storage.ts'
import type { Facts, Rule } from './index.ts'

const path = ['spec', 'storage'] as const

export const storageRules: Rule = (facts) => {
  const { cloud, broken } = facts
  const { backends, default: chosen } = cloud.spec.storage
  const isBroken = (name: string): boolean => broken([...path, 'backends', name])
  const names = Object.keys(backends)
  const problems: Problem[] = Object.entries(backends).flatMap(([name, backend]) =>
    isBroken(name) ? [] : ofBackend(name, backend, facts),
  )
  if (names.length === 0 && !broken([...path, 'backends']))
    problems.push(
      error({ path: [...path, 'backends'], message: 'at least one backend; without it, the default is ceph' }),
    )
  if (chosen !== undefined && !names.includes(chosen) && !names.some(isBroken) && !broken([...path, 'backends']))
    problems.push(error({ path: [...path, 'default'], message: `there is no backend "${chosen}"`, allowed: names }))
  return [...problems, ...sameTypes(backends)]
}

function ofBackend(name: string, backend: VolumeBackend, facts: Facts): Problem[] {
  if (backend.type === 'nfs') return nfsRules([...path, 'backends', name], backend, facts)
  const { services } = facts.cloud.spec
  if (backend.type !== 'ceph' || services['ceph']?.enabled !== false || services['cinder']?.enabled === false) return []
  const message = `ceph cannot be left out: the volume backend "${name}" stands on it; spec.storage.backends names others`
  return [error({ path: ['spec', 'services', 'ceph', 'enabled'], message })]
}

type Nfs = Extract<VolumeBackend, { readonly type: 'nfs' }>

function nfsRules(
  place: readonly PropertyKey[],
  { server, path: exported, directory, mountOptions }: Nfs,
  { cloud, broken }: Facts,
) {
  if (directory === undefined) {
    if (server !== undefined && exported !== undefined) return []
    return [error({ path: place, message: 'nfs needs a server and the path that it exports, or a directory' })]
  }
  const at = [...place, 'directory']
  if (server !== undefined || exported !== undefined || mountOptions !== undefined)
    return [
      error({ path: at, message: 'a directory stands in for a server: no server, path or mountOptions beside it' }),
    ]
  const { underlay } = cloud.spec
  if (broken(['spec', 'underlay']) || (underlay.type === 'embedded' && underlay.nodes === 1)) return []
  const message =
    "a directory is one node's own: it stands in for an NFS server only where one embedded node is the whole cloud"
  return [error({ path: at, message })]
}

function sameTypes(backends: Readonly<Record<string, VolumeBackend>>): readonly Problem[] {
  const owners = new Map<string, string>()
  return Object.entries(backends).flatMap(([name, { volumeType }]) => {
    const type = volumeType.name ?? name
    const owner = owners.get(type)
    owners.set(type, owner ?? name)
    if (owner === undefined) return []
    return [
      error({
        path: [...path, 'backends', name],
        message: `the backend "${owner}" has the volume type "${type}" already`,
      }),
    ]
  })
}

/** Section of a list of options that every backend's own section may have. */
const backendSection = 'backend_defaults'

/** What is known of the services, with a section for each backend. The lists are read from disk: only when one is asked for. */
export const withBackends = ({ cloud, knownServices }: Facts): readonly KnownService[] =>
  knownServices.map((known) => {
    const files = {}
    for (const file of Object.keys(known.files)) {
      const get = (): OptionList | undefined => {
        const list = known.files[file]
        const options = list?.[backendSection]
        if (options === undefined) return list
        return {
          ...Object.fromEntries(Object.keys(cloud.spec.storage.backends).map((name) => [name, options])),
          ...list,
        }
      }
      Object.defineProperty(files, file, { enumerable: true, get })
    }
    // What else is read only when asked for stays so.
    return Object.create(known, { files: { value: files, enumerable: true } }) as KnownService
  })
