/** Servers as Nova has them: Heat knows only what it did to them itself. */
import type { OpenStack } from '../../../openstack/index.ts'

interface Server {
  readonly id: string
  readonly status: string
  readonly updated?: string
  readonly fault?: { readonly message?: string }
}

export interface Machine {
  /** `ACTIVE`, `ERROR: No valid host was found`, `gone`. */
  readonly state: string
  /** When Nova changed something of it last, milliseconds since 1970 by Nova's clock. */
  readonly movedAt?: number
}

/** By UUID. `prefix`: what their names begin with. */
export async function machinesOf(
  session: Pick<OpenStack, 'request'>,
  { prefix, ids }: { readonly prefix: string; readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, Machine>> {
  if (ids.length === 0) return new Map()
  const { body } = await session.request('compute', 'GET', '/servers/detail', { query: { name: `^${prefix}` } })
  const { servers } = body as { readonly servers: readonly Server[] }
  const listed = new Map(servers.map((server) => [server.id, machineOf(server)]))
  const found = await Promise.all(
    // One that is missing may only be on the next page, or have another name by now.
    ids.map(async (id) => [id, listed.get(id) ?? (await lookUp(session, id))] as const),
  )
  return new Map(found)
}

async function lookUp(session: Pick<OpenStack, 'request'>, id: string): Promise<Machine> {
  const path = `/servers/${encodeURIComponent(id)}`
  const { status, body } = await session.request('compute', 'GET', path, { okStatus: [200, 404] })
  return status === 404 ? { state: 'gone' } : machineOf((body as { readonly server: Server }).server)
}

const machineOf = (server: Server): Machine => ({
  state: stateOf(server),
  ...(server.updated === undefined ? {} : { movedAt: Date.parse(server.updated) }),
})

const stateOf = ({ status, fault }: Server): string =>
  fault?.message === undefined || status !== 'ERROR' ? status : `${status}: ${fault.message}`
