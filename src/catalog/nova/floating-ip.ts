/** The floating IP of the verification server. */
import { CroqueError } from '../../errors/index.ts'
import { type FloatingIp, pause, type Server } from '../../openstack/index.ts'
import { contentNames, ownerMark, type StepContext } from '../content.ts'

/** Ports get their address while the server is built; both are there long before the guest is. */
const portMs = 60_000

export async function findFloatingIp({ cloud }: StepContext, server: Server): Promise<FloatingIp | undefined> {
  const [port] = await cloud.network.ports(server.id)
  if (port === undefined) return undefined
  const [ip] = await cloud.network.floatingIps({ port_id: port.id })
  return ip
}

/** Neutron gives a port one floating IP only, so a second run gets the same. */
export async function attachFloatingIp(context: StepContext, server: Server): Promise<FloatingIp> {
  const { network } = context.cloud
  const present = await findFloatingIp(context, server)
  if (present !== undefined) return present
  const external = (await network.networks(contentNames.publicNetwork)).find((one) => one.external)
  const port = await serverPort(context, server)
  const made =
    external === undefined
      ? undefined
      : await network.createFloatingIp({ network: external.id, port, description: ownerMark })
  const ip = made ?? (await findFloatingIp(context, server))
  if (ip !== undefined) return ip
  throw new CroqueError('verification-failed', {
    what: `server ${server.name} got no floating IP`,
    why:
      external === undefined
        ? `there is no external network ${contentNames.publicNetwork}`
        : 'Neutron refused to give its port one',
  })
}

async function serverPort({ cloud, signal }: StepContext, server: Server): Promise<string> {
  const end = Date.now() + portMs
  for (;;) {
    const [port] = await cloud.network.ports(server.id)
    if (port !== undefined) return port.id
    if (Date.now() > end) throw new CroqueError('verification-failed', { what: `server ${server.name} has no port` })
    await pause(500, signal)
  }
}
