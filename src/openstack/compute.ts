/** Flavors, keypairs, quotas, services and hypervisors (Nova). Servers stand in `server.ts`. */
import { Fields } from './fields.ts'
import { computeHeaders as headers } from './microversion.ts'
import { pagesOf } from './pages.ts'
import { type Servers, servers } from './server.ts'
import type { Session } from './session.ts'

/** Memory in MiB, disk in GiB. */
export interface Flavor {
  readonly id: string
  readonly name: string
  readonly vcpus: number
  readonly ram: number
  readonly disk: number
}

export interface Keypair {
  readonly name: string
  readonly publicKey: string
}

export interface ComputeService {
  readonly id: string
  /** `nova-compute`, `nova-scheduler`, `nova-conductor`. */
  readonly binary: string
  readonly host: string
  readonly enabled: boolean
  readonly up: boolean
  readonly disabledReason: string | undefined
}

export interface Hypervisor {
  readonly id: string
  readonly name: string
  readonly up: boolean
}

export interface Compute {
  readonly servers: Servers
  readonly flavors: () => Promise<readonly Flavor[]>
  /** False when one of that name or id is there already. */
  readonly createFlavor: (flavor: Flavor) => Promise<boolean>
  readonly removeFlavor: (id: string) => Promise<void>
  readonly keypairs: () => Promise<readonly Keypair[]>
  readonly keypair: (name: string) => Promise<Keypair | undefined>
  /** False when one of that name is there already. */
  readonly createKeypair: (keypair: Keypair) => Promise<boolean>
  readonly removeKeypair: (name: string) => Promise<void>
  /** Limits by Nova's names (`cores`, `ram` in MiB, `instances`); -1 is without limit. */
  readonly quotas: (project: string) => Promise<Readonly<Record<string, number>>>
  readonly setQuotas: (project: string, quotas: Readonly<Record<string, number>>) => Promise<void>
  readonly services: () => Promise<readonly ComputeService[]>
  /** Whether it takes new servers; the reason is for people, and goes when it is enabled. */
  readonly setService: (id: string, state: { readonly enabled: boolean; readonly reason?: string }) => Promise<void>
  readonly hypervisors: () => Promise<readonly Hypervisor[]>
  /** Ids of those that have container guests. Dearer: Nova asks each how long it has been up. */
  readonly containerHypervisors: () => Promise<readonly string[]>
}

export function compute(session: Session): Compute {
  const get = async (path: string): Promise<Fields> =>
    new Fields((await session.request('compute', 'GET', path, { headers })).body, `GET compute ${path}`)
  const create = async (path: string, body: unknown): Promise<boolean> =>
    (await session.request('compute', 'POST', path, { headers, body, okStatus: [200, 201, 409] })).status !== 409
  const remove = async (path: string): Promise<void> => {
    await session.request('compute', 'DELETE', path, { headers, okStatus: [202, 204, 404] })
  }
  return {
    servers: servers(session),
    flavors: () => flavors(session),
    createFlavor: ({ id, name, vcpus, ram, disk }) => create('/flavors', { flavor: { id, name, vcpus, ram, disk } }),
    removeFlavor: (id) => remove(`/flavors/${encodeURIComponent(id)}`),
    keypairs: async () => (await get('/os-keypairs')).list('keypairs', parseKeypair),
    keypair: async (name) => {
      const path = `/os-keypairs/${encodeURIComponent(name)}`
      const { status, body } = await session.request('compute', 'GET', path, { headers, okStatus: [200, 404] })
      return status === 404 ? undefined : parseKeypair(new Fields(body, 'GET compute /os-keypairs/{name}'))
    },
    createKeypair: ({ name, publicKey }) =>
      create('/os-keypairs', { keypair: { name, type: 'ssh', public_key: publicKey } }),
    removeKeypair: (name) => remove(`/os-keypairs/${encodeURIComponent(name)}`),
    quotas: async (project) => (await get(`/os-quota-sets/${project}`)).object('quota_set').numberMap(),
    setQuotas: async (project, quotas) => {
      await session.request('compute', 'PUT', `/os-quota-sets/${project}`, { headers, body: { quota_set: quotas } })
    },
    services: async () => (await get('/os-services')).list('services', parseService),
    setService: async (id, { enabled, reason }) => {
      const body = enabled ? { status: 'enabled' } : { status: 'disabled', disabled_reason: reason }
      await session.request('compute', 'PUT', `/os-services/${id}`, { headers, body })
    },
    hypervisors: async () => (await get('/os-hypervisors')).list('hypervisors', parseHypervisor),
    containerHypervisors: async () => {
      const all = (await get('/os-hypervisors/detail')).list('hypervisors', (one) => ({
        id: one.text('id'),
        type: one.optionalText('hypervisor_type') ?? '',
      }))
      return all.filter(({ type }) => type.toLowerCase() === 'lxc').map(({ id }) => id)
    },
  }
}

async function flavors(session: Session): Promise<readonly Flavor[]> {
  const pages = await pagesOf(session, 'compute', '/flavors/detail', { key: 'flavors', headers })
  return pages.flatMap(({ body }) => new Fields(body, 'GET compute /flavors/detail').list('flavors', parseFlavor))
}

function parseFlavor(flavor: Fields): Flavor {
  return {
    id: flavor.text('id'),
    name: flavor.text('name'),
    vcpus: flavor.number('vcpus'),
    ram: flavor.number('ram'),
    disk: flavor.number('disk'),
  }
}

function parseKeypair(entry: Fields): Keypair {
  const keypair = entry.object('keypair')
  return { name: keypair.text('name'), publicKey: keypair.text('public_key') }
}

function parseService(service: Fields): ComputeService {
  return {
    id: service.text('id'),
    binary: service.text('binary'),
    host: service.text('host'),
    enabled: service.text('status') === 'enabled',
    up: service.text('state') === 'up',
    disabledReason: service.optionalText('disabled_reason'),
  }
}

function parseHypervisor(hypervisor: Fields): Hypervisor {
  return {
    id: hypervisor.text('id'),
    name: hypervisor.text('hypervisor_hostname'),
    up: hypervisor.text('state') === 'up',
  }
}
