/** Volumes, their types and services (Cinder v3). */
import { Fields } from './fields.ts'
import type { Session } from './session.ts'

export interface Volume {
  readonly id: string
  readonly name: string
  /** `creating`, `available`, `in-use`, `deleting`, `error`, `error_deleting`, … */
  readonly status: string
  /** Service, backend and pool that it stands on; told to administrators. */
  readonly host: string | undefined
  readonly metadata: Readonly<Record<string, string>>
}

export interface NewVolume {
  readonly name: string
  /** GiB. */
  readonly size: number
  readonly metadata: Readonly<Record<string, string>>
}

export interface VolumeType {
  readonly id: string
  readonly name: string
  readonly specs: Readonly<Record<string, string>>
}

export interface VolumeService {
  /** `cinder-scheduler`, `cinder-volume`, `cinder-backup`. */
  readonly binary: string
  readonly host: string
  readonly up: boolean
}

export interface Volumes {
  /** Volumes of the project with exactly this name. */
  readonly list: (name: string) => Promise<readonly Volume[]>
  readonly get: (id: string) => Promise<Volume | undefined>
  readonly create: (volume: NewVolume) => Promise<Volume>
  /** Asks for removal; one that is gone is no error. */
  readonly remove: (id: string) => Promise<void>
  readonly types: () => Promise<readonly VolumeType[]>
  /** False when one of that name is there already. */
  readonly createType: (type: Omit<VolumeType, 'id'>) => Promise<boolean>
  readonly setSpecs: (type: string, specs: VolumeType['specs']) => Promise<void>
  readonly services: () => Promise<readonly VolumeService[]>
}

const service = 'block-storage'

export function volumes(session: Session): Volumes {
  const get = async (path: string, query?: Readonly<Record<string, string>>): Promise<Fields> =>
    new Fields(
      (await session.request(service, 'GET', path, query === undefined ? {} : { query })).body,
      `GET volume ${path}`,
    )
  return {
    list: async (name) => {
      const all = await get('/volumes/detail', { name })
      return all.list('volumes', parseVolume).filter((volume) => volume.name === name)
    },
    get: async (id) => {
      const { status, body } = await session.request(service, 'GET', `/volumes/${id}`, { okStatus: [200, 404] })
      return status === 404 ? undefined : parseVolume(new Fields(body, 'GET volume /volumes/{id}').object('volume'))
    },
    create: async (volume) => {
      const { body } = await session.request(service, 'POST', '/volumes', { body: { volume } })
      return parseVolume(new Fields(body, 'POST volume /volumes').object('volume'))
    },
    remove: async (id) => {
      await session.request(service, 'DELETE', `/volumes/${id}`, { okStatus: [202, 404] })
    },
    types: async () => (await get('/types')).list('volume_types', parseType),
    createType: async ({ name, specs }) => {
      const body = { volume_type: { name, extra_specs: specs } }
      return (await session.request(service, 'POST', '/types', { body, okStatus: [200, 409] })).status !== 409
    },
    setSpecs: async (type, specs) => {
      await session.request(service, 'POST', `/types/${type}/extra_specs`, { body: { extra_specs: specs } })
    },
    services: async () => (await get('/os-services')).list('services', parseService),
  }
}

const parseVolume = (volume: Fields): Volume => ({
  id: volume.text('id'),
  name: volume.optionalText('name') ?? '',
  status: volume.text('status'),
  host: volume.optionalText('os-vol-host-attr:host'),
  metadata: volume.object('metadata').textMap(),
})

const parseType = (type: Fields): VolumeType => ({
  id: type.text('id'),
  name: type.text('name'),
  specs: type.object('extra_specs').textMap(),
})

const parseService = (each: Fields): VolumeService => ({
  binary: each.text('binary'),
  host: each.text('host'),
  up: each.text('state') === 'up',
})
