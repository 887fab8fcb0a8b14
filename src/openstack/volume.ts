/** Volumes, their types with limits, and services (Cinder v3). */
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
  /** Name of its type; absent: the default one. */
  readonly volume_type?: string
}

export interface VolumeType {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly isPublic: boolean
  readonly specs: Readonly<Record<string, string>>
  /** Its limits; told to administrators. */
  readonly qos: string | undefined
}

/** Limits for the volumes of a type. */
export interface VolumeQos {
  readonly id: string
  readonly name: string
  /** `front-end`, `back-end`, `both`. */
  readonly consumer: string
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
  readonly createType: (type: Omit<VolumeType, 'id' | 'qos'>) => Promise<boolean>
  readonly setPublic: (type: string, isPublic: boolean) => Promise<void>
  /** Names of the types that volumes of any project have. */
  readonly usedTypes: () => Promise<ReadonlySet<string>>
  /** One that is gone, or that volumes have by now, is no error. */
  readonly removeType: (type: string) => Promise<void>
  readonly setSpecs: (type: string, specs: VolumeType['specs']) => Promise<void>
  readonly qos: () => Promise<readonly VolumeQos[]>
  readonly createQos: (qos: Omit<VolumeQos, 'id'>) => Promise<VolumeQos>
  readonly setQos: (qos: string, values: Partial<Pick<VolumeQos, 'consumer' | 'specs'>>) => Promise<void>
  readonly removeQosKeys: (qos: string, keys: readonly string[]) => Promise<void>
  readonly associateQos: (qos: string, type: string) => Promise<void>
  /** With its associations; one that is gone is no error. */
  readonly removeQos: (qos: string) => Promise<void>
  readonly services: () => Promise<readonly VolumeService[]>
  /** Where the scheduler could put a volume now, as `HOST@BACKEND#POOL`: what has told it of itself since it was started. */
  readonly pools: () => Promise<readonly string[]>
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
    types: async () => (await get('/types', { is_public: 'None' })).list('volume_types', parseType),
    createType: async ({ name, description, isPublic, specs }) => {
      const values = { name, description, 'os-volume-type-access:is_public': isPublic, extra_specs: specs }
      const body = { volume_type: values }
      return (await session.request(service, 'POST', '/types', { body, okStatus: [200, 409] })).status !== 409
    },
    setPublic: async (type, isPublic) => {
      await session.request(service, 'PUT', `/types/${type}`, { body: { volume_type: { is_public: isPublic } } })
    },
    usedTypes: async () => {
      const all = await get('/volumes/detail', { all_tenants: 'True' })
      return new Set(all.list('volumes', (volume) => volume.optionalText('volume_type') ?? ''))
    },
    removeType: async (type) => {
      await session.request(service, 'DELETE', `/types/${type}`, { okStatus: [202, 400, 404] })
    },
    setSpecs: async (type, specs) => {
      await session.request(service, 'POST', `/types/${type}/extra_specs`, { body: { extra_specs: specs } })
    },
    qos: async () => (await get('/qos-specs')).list('qos_specs', parseQos),
    createQos: async ({ name, consumer, specs }) => {
      const body = { qos_specs: { ...specs, name, consumer } }
      const made = await session.request(service, 'POST', '/qos-specs', { body })
      return parseQos(new Fields(made.body, 'POST volume /qos-specs').object('qos_specs'))
    },
    setQos: async (qos, { consumer, specs = {} }) => {
      const body = { qos_specs: { ...specs, ...(consumer === undefined ? {} : { consumer }) } }
      await session.request(service, 'PUT', `/qos-specs/${qos}`, { body })
    },
    removeQosKeys: async (qos, keys) => {
      await session.request(service, 'PUT', `/qos-specs/${qos}/delete_keys`, { body: { keys }, okStatus: [202] })
    },
    associateQos: async (qos, type) => {
      const query = { vol_type_id: type }
      await session.request(service, 'GET', `/qos-specs/${qos}/associate`, { query, okStatus: [202] })
    },
    removeQos: async (qos) => {
      await session.request(service, 'DELETE', `/qos-specs/${qos}`, { query: { force: 'True' }, okStatus: [202, 404] })
    },
    services: async () => (await get('/os-services')).list('services', parseService),
    pools: async () => (await get('/scheduler-stats/get_pools')).list('pools', (pool) => pool.text('name')),
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
  description: type.optionalText('description') ?? '',
  isPublic: type.flag('is_public'),
  specs: type.object('extra_specs').textMap(),
  qos: type.optionalText('qos_specs_id'),
})

const parseQos = (qos: Fields): VolumeQos => ({
  id: qos.text('id'),
  name: qos.text('name'),
  consumer: qos.text('consumer'),
  specs: qos.object('specs').textMap(),
})

const parseService = (each: Fields): VolumeService => ({
  binary: each.text('binary'),
  host: each.text('host'),
  up: each.text('state') === 'up',
})
