/** Who else is on the network or the router of a cluster, which cannot go before they do: what Kubernetes made there, or somebody by hand. */
import type { OpenStack } from '../../../openstack/index.ts'

interface Made {
  readonly resource_name: string
  readonly physical_resource_id: string | null
}

interface Port {
  readonly id: string
  readonly name: string
  readonly device_owner: string
  readonly device_id: string
}

/** Those that Neutron itself keeps there go by themselves. */
const ofNeutron = /^network:(dhcp|distributed|router_gateway|router_centralized_snat|ha_router_replicated_interface)$/

/** `its network is used by port octavia-lb-… of Octavia lb-…`. `made`: the parts of its stacks. */
export async function guestsOn(session: Pick<OpenStack, 'request'>, made: readonly Made[]): Promise<readonly string[]> {
  const own = new Set(made.flatMap(({ physical_resource_id: id }) => (id === null || id === '' ? [] : [id])))
  const idOf = (part: string): string =>
    made.find(({ resource_name: name }) => name === part)?.physical_resource_id ?? ''
  const portsBy = async (key: 'network_id' | 'device_id', id: string): Promise<readonly Port[]> => {
    if (id === '') return []
    const { body } = await session.request('network', 'GET', '/v2.0/ports', { query: { [key]: id } })
    return (body as { readonly ports: readonly Port[] }).ports
  }
  const router = idOf('extrouter')
  const onNetwork = await portsBy('network_id', idOf('fixed_network'))
  const known = new Set(onNetwork.map(({ id }) => id))
  const onRouter = (await portsBy('device_id', router)).filter(({ id }) => !known.has(id))
  const isStrange = ({ id, device_owner: owner }: Port): boolean => !own.has(id) && !ofNeutron.test(owner)
  const nameOf = ({ id, name }: Port): string => `port ${name === '' ? id : name}`
  const userOf = ({ device_owner: owner, device_id: device }: Port): string =>
    owner === '' ? '' : ` of ${owner} ${device}`
  return [
    ...onNetwork
      .filter((port) => isStrange(port) && !own.has(port.device_id))
      .map((port) => `its network is used by ${nameOf(port)}${userOf(port)}`),
    ...onRouter.filter(isStrange).map((port) => `its router has an interface on another network, ${nameOf(port)}`),
  ]
}
