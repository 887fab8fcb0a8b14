/** The provider network with the floating IPs, and the first project network; each with one subnet. */
import { type Network, onlyOne, type Subnet, statusOf } from '../../openstack/index.ts'
import { contentNames, ownerMark, type StepAction, type StepContext, type StepResult } from '../content.ts'
import type { NeutronContent } from './content.ts'
import { privateNetworks, publicNetworks } from './own.ts'

const defaultPrivateCidr = '10.20.0.0/24'

interface SubnetWish {
  readonly name: string
  readonly cidr: string
  readonly dhcp: boolean
  readonly gateway?: string
  readonly dnsServers?: readonly string[]
  readonly pools?: Subnet['pools']
}

const publicSubnet = (options: NeutronContent): SubnetWish => ({
  name: contentNames.publicNetwork,
  cidr: options.cidr,
  gateway: options.gateway,
  dhcp: false,
  pools: [{ start: options.floatingStart, end: options.floatingEnd }],
})

const privateSubnet = (options: NeutronContent): SubnetWish => ({
  name: contentNames.privateNetwork,
  cidr: options.privateCidr ?? defaultPrivateCidr,
  dhcp: true,
  dnsServers: options.dnsServers,
})

export async function observePublicNetwork(context: StepContext, options: NeutronContent): Promise<StepAction> {
  const [network] = await publicNetworks(context)
  return network === undefined
    ? 'created'
    : subnetAction(await context.cloud.network.subnets(network.id), publicSubnet(options))
}

export async function observePrivateNetwork(context: StepContext, options: NeutronContent): Promise<StepAction> {
  const [network, ...others] = await privateNetworks(context)
  if (network === undefined) return 'created'
  const action = subnetAction(await context.cloud.network.subnets(network.id), privateSubnet(options))
  return action === 'unchanged' && others.some(isLeftOver) ? 'configured' : action
}

export async function makePublicNetwork(context: StepContext, options: NeutronContent): Promise<StepResult> {
  const { physicalNetwork, mtu } = options
  const wish = { name: contentNames.publicNetwork, description: ownerMark, external: { physicalNetwork, mtu } }
  const list = () => publicNetworks(context)
  const { value, created } = await onlyOne<Network>({
    list,
    // A flat physical network has room for one network, so 409 means that another run was faster.
    create: () =>
      context.cloud.network.createNetwork(wish).catch(async (error: unknown) => {
        const [other] = statusOf(error) === 409 ? await list() : []
        if (other === undefined) throw error
        return other
      }),
    remove: async () => undefined,
    signal: context.signal,
  })
  const action = await makeSubnet(context, value, publicSubnet(options))
  return result(
    created,
    action,
    `network ${value.name}, floating IPs ${options.floatingStart} to ${options.floatingEnd}`,
  )
}

export async function makePrivateNetwork(context: StepContext, options: NeutronContent): Promise<StepResult> {
  const { network } = context.cloud
  const { value, created } = await onlyOne<Network>({
    list: () => privateNetworks(context),
    create: () => network.createNetwork({ name: contentNames.privateNetwork, description: ownerMark }),
    remove: async ({ id }) => void (await network.removeNetwork(id)),
    signal: context.signal,
  })
  const action = await makeSubnet(context, value, privateSubnet(options))
  const tidied = !created && (await removeLeftOvers(context, value))
  return result(
    created,
    tidied && action === 'unchanged' ? 'configured' : action,
    `network ${value.name}, subnet ${privateSubnet(options).cidr}`,
  )
}

/** Made by a run that was killed before it could give way to another. */
const isLeftOver = (network: Network): boolean => network.description === ownerMark && network.subnets.length === 0

async function removeLeftOvers(context: StepContext, kept: Network): Promise<boolean> {
  const extra = (await privateNetworks(context)).filter((network) => network.id !== kept.id && isLeftOver(network))
  for (const network of extra) await context.cloud.network.removeNetwork(network.id)
  return extra.length > 0
}

function subnetAction(subnets: readonly Subnet[], wish: SubnetWish): StepAction {
  const subnet = subnets.find(({ cidr }) => cidr === wish.cidr)
  if (subnet === undefined) return 'created'
  return Object.keys(subnetChanges(subnet, wish)).length === 0 ? 'unchanged' : 'configured'
}

async function makeSubnet(context: StepContext, { id }: Network, wish: SubnetWish): Promise<StepAction> {
  const { network } = context.cloud
  const subnets = await network.subnets(id)
  const action = subnetAction(subnets, wish)
  if (action === 'created') {
    await network.createSubnet({ ...wish, network: id, description: ownerMark }).catch(async (error: unknown) => {
      // Neutron refuses an overlapping subnet of the same network: another run was faster, or the call was carried out after all.
      if (subnetAction(await network.subnets(id), wish) === 'created') throw error
    })
  }
  const present = subnets.find(({ cidr }) => cidr === wish.cidr)
  if (action === 'configured' && present !== undefined)
    await network.updateSubnet(present.id, subnetChanges(present, wish))
  return action
}

/** What the document rules and Neutron can change: name servers and the range of floating IPs. */
function subnetChanges(subnet: Subnet, wish: SubnetWish): Readonly<Record<string, unknown>> {
  const servers = wish.dnsServers ?? subnet.dnsServers
  const pools = wish.pools ?? subnet.pools
  const samePools =
    JSON.stringify(pools.map(({ start, end }) => [start, end])) ===
    JSON.stringify(subnet.pools.map(({ start, end }) => [start, end]))
  return {
    ...(servers.join() === subnet.dnsServers.join() ? {} : { dns_nameservers: servers }),
    ...(samePools ? {} : { allocation_pools: pools }),
  }
}

function result(created: boolean, subnet: StepAction, message: string): StepResult {
  if (created) return { action: 'created', message }
  return { action: subnet, message }
}
