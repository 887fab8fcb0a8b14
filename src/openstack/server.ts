/** Servers (Nova). */
import { Fields } from './fields.ts'
import { computeHeaders as headers } from './microversion.ts'
import type { Session } from './session.ts'

export interface Server {
  readonly id: string
  readonly name: string
  /** `BUILD`, `ACTIVE`, `ERROR`, `SHUTOFF`, `DELETED`, … */
  readonly status: string
  /** What Nova does with it right now (`spawning`), if anything. */
  readonly task: string | undefined
  readonly host: string | undefined
  /** Why it is in ERROR. */
  readonly fault: string | undefined
  readonly image: string | undefined
  readonly flavor: string
  readonly metadata: Readonly<Record<string, string>>
}

export interface NewServer {
  readonly name: string
  readonly image: string
  readonly flavor: string
  readonly network: string
  readonly keypair: string
  readonly metadata: Readonly<Record<string, string>>
}

export interface Servers {
  /** Servers of the project with exactly this name. */
  readonly list: (name: string) => Promise<readonly Server[]>
  /** Servers of all projects. */
  readonly all: () => Promise<readonly Server[]>
  readonly get: (id: string) => Promise<Server | undefined>
  readonly create: (server: NewServer) => Promise<Server>
  /** Asks for removal; one that is gone is no error. */
  readonly remove: (id: string) => Promise<void>
  /** Asks for a move to a node that the scheduler chooses, disks and all, while the server runs: its task is `migrating` until it has ended well or not. */
  readonly liveMigrate: (id: string) => Promise<void>
  /** The last lines of the serial console; empty while there is none. */
  readonly console: (id: string, lines: number) => Promise<string>
}

export function servers(session: Session): Servers {
  return {
    list: async (name) => {
      const query = { name: `^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$` }
      const { body } = await session.request('compute', 'GET', '/servers/detail', { headers, query })
      return new Fields(body, 'GET compute /servers/detail')
        .list('servers', parseServer)
        .filter((server) => server.name === name)
    },
    all: async () => {
      const { body } = await session.request('compute', 'GET', '/servers/detail', {
        headers,
        query: { all_tenants: '1' },
      })
      return new Fields(body, 'GET compute /servers/detail').list('servers', parseServer)
    },
    get: async (id) => {
      const { status, body } = await session.request('compute', 'GET', `/servers/${id}`, {
        headers,
        okStatus: [200, 404],
      })
      return status === 404 ? undefined : parseServer(new Fields(body, 'GET compute /servers/{id}').object('server'))
    },
    create: async (server) => {
      const { body } = await session.request('compute', 'POST', '/servers', {
        headers,
        body: {
          server: {
            name: server.name,
            imageRef: server.image,
            flavorRef: server.flavor,
            networks: [{ uuid: server.network }],
            key_name: server.keypair,
            metadata: server.metadata,
          },
        },
      })
      const id = new Fields(body, 'POST compute /servers').object('server').text('id')
      const { image, flavor, metadata, name } = server
      return { id, name, image, flavor, metadata, status: 'BUILD', task: undefined, host: undefined, fault: undefined }
    },
    remove: async (id) => {
      await session.request('compute', 'DELETE', `/servers/${id}`, { headers, okStatus: [204, 404] })
    },
    liveMigrate: async (id) => {
      const body = { 'os-migrateLive': { host: null, block_migration: 'auto' } }
      await session.request('compute', 'POST', `/servers/${id}/action`, { headers, body })
    },
    console: async (id, lines) => {
      const body = { 'os-getConsoleOutput': { length: lines } }
      const answer = await session.request('compute', 'POST', `/servers/${id}/action`, {
        headers,
        body,
        okStatus: [200, 404, 409],
      })
      return answer.status === 200
        ? (new Fields(answer.body, 'POST compute os-getConsoleOutput').optionalText('output') ?? '')
        : ''
    },
  }
}

function parseServer(server: Fields): Server {
  return {
    id: server.text('id'),
    name: server.text('name'),
    status: server.text('status'),
    task: server.optionalText('OS-EXT-STS:task_state'),
    host: server.optionalText('OS-EXT-SRV-ATTR:host'),
    fault: server.object('fault').optionalText('message'),
    image: imageId(server),
    flavor: server.object('flavor').text('original_name'),
    metadata: server.object('metadata').textMap(),
  }
}

/** A server that boots from a volume has the text "" in place of the image. */
function imageId(server: Fields): string | undefined {
  return server.isObject('image') ? server.object('image').optionalText('id') : undefined
}
