/** Networks and subnets by their ids or names. */
import type { OpenStack } from '../../openstack/index.ts'
import { Fault, helpWith } from './fault.ts'
import type { FoundNetwork, FoundSubnet } from './sought.ts'

type Cloud = Pick<OpenStack, 'network'>

interface Kind {
  readonly kind: 'networks' | 'subnets'
  readonly filter: Readonly<Record<string, string>>
  readonly field: string
  /** Magnum's words. */
  readonly missing: (value: string) => string
  readonly several: (value: string) => string
  readonly command: string
}

const external: Kind = {
  kind: 'networks',
  filter: { 'router:external': 'True' },
  field: 'external_network_id',
  missing: (value) => `Unable to find external network ${value}.`,
  several: (value) =>
    `Multiple external networks exist with same name '${value}'. Please use the external network ID instead.`,
  command: 'openstack network list --external',
}

const fixed: Kind = {
  kind: 'networks',
  filter: {},
  field: 'fixed_network',
  missing: (value) => `Unable to find fixed network ${value}.`,
  several: (value) => `Multiple networks exist with same name '${value}'. Please use the network ID instead.`,
  command: 'openstack network list --internal',
}

const subnet: Kind = {
  kind: 'subnets',
  filter: {},
  field: 'fixed_subnet',
  missing: (value) => `Unable to find fixed subnet ${value}.`,
  several: (value) => `Multiple subnets exist with same name '${value}'. Please use the subnet ID instead.`,
  command: 'openstack subnet list',
}

export const findExternalNetwork = async (cloud: Cloud, value: string): Promise<FoundNetwork> => {
  const { id, name } = await find(cloud, value, external)
  return { id, name }
}

export const findFixedNetwork = async (cloud: Cloud, value: string): Promise<FoundNetwork> => {
  const { id, name } = await find(cloud, value, fixed)
  return { id, name }
}

export const findFixedSubnet = async (cloud: Cloud, value: string): Promise<FoundSubnet> => {
  const { id, name, network } = await find(cloud, value, subnet)
  return { id, name, networkId: network ?? '' }
}

async function find({ network }: Cloud, value: string, kind: Kind) {
  const listed = (filter: Readonly<Record<string, string>>) => network.listed(kind.kind, { ...kind.filter, ...filter })
  // Some have the id as a name of another: both count, as in Magnum.
  const hits = await Promise.all([listed({ id: value }), listed({ name: value })])
  const [found, ...others] = new Map(hits.flat().map((one) => [one.id, one])).values()
  if (others.length > 0)
    throw new Fault(409, kind.several(value), `They are: ${[found, ...others].map((one) => one?.id).join(', ')}.`)
  if (found !== undefined) return found
  const names = (await listed({ limit: '100' })).map(({ name }) => name)
  throw new Fault(400, kind.missing(value), helpWith({ field: kind.field, value, names, command: kind.command }))
}
