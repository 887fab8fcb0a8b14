/**
 * The way from this machine to the API of a cluster. Its address is one of the cloud's own networks; where those live on this machine,
 * nothing outside of their namespaces has it, and a listener on 127.0.0.1 leads there. Elsewhere the address is as good as the network.
 */
import { CroqueError } from '../../errors/index.ts'
import type { ContainerCluster } from '../../openstack/index.ts'
import type { Scene } from './scene.ts'

export interface Way {
  /** `https://HOST:PORT` */
  readonly server: string
  /** Whose certificate is expected there. */
  readonly serverName: string
  /** The API's own address, where `server` is another one. */
  readonly leadsTo?: string
}

const nameOf = (id: string): string => `cluster-${id}`

/** Throws `cluster-not-ready`. */
export async function wayTo(
  { installation }: Pick<Scene, 'installation'>,
  { id, name, apiAddress, status }: ContainerCluster,
): Promise<Way> {
  if (apiAddress === undefined)
    throw new CroqueError('cluster-not-ready', { what: `Cluster ${name} has no address yet`, why: `it is ${status}` })
  const { hostname, port } = new URL(apiAddress)
  const { local } = installation.underlay
  if (local === undefined) return { server: apiAddress, serverName: hostname }
  const hostPort = await local.lead(nameOf(id), `${hostname}:${port === '' ? 443 : port}`)
  return { server: `https://127.0.0.1:${hostPort}`, serverName: hostname, leadsTo: apiAddress }
}

/** Of a cluster that goes. Idempotent. */
export async function forgetWay({ installation }: Pick<Scene, 'installation'>, id: string): Promise<void> {
  await installation.underlay.local?.endLead(nameOf(id))
}
