/** Addresses fit into their networks, and networks do not overlap. */
import { contains, type Network, overlaps, parseAddress, parseCidr } from '../address.ts'
import type { Problem } from '../diagnostics.ts'
import { error } from '../issues.ts'
import { largestProjectMtu } from '../mtu.ts'
import { embeddedNetworks } from '../underlay.ts'
import type { Facts, Rule } from './index.ts'

const providerPath = ['spec', 'networks', 'provider'] as const
const contentPath = ['spec', 'content', 'network', 'cidr'] as const

const mtuPath = ['spec', 'networks', 'project', 'mtu'] as const

export const networkRules: Rule = (facts) => [...providerRules(facts), ...mtuRules(facts), ...overlapRules(facts)]

function providerRules({ cloud, broken }: Facts): readonly Problem[] {
  const { cidr, gateway, floatingRange } = cloud.spec.networks.provider
  const network = parseCidr(cidr)
  if (network === undefined || broken([...providerPath, 'cidr'])) return []
  if (network.last - network.first < 7)
    return [error({ path: [...providerPath, 'cidr'], message: `${cidr} is too small; it must be a /29 or larger` })]
  return [
    ...(gateway === undefined ? [] : inside([...providerPath, 'gateway'], gateway, { cidr, network })),
    ...(floatingRange === undefined ? [] : rangeRules(floatingRange, gateway, { cidr, network })),
  ]
}

function mtuRules({ cloud, broken }: Facts): readonly Problem[] {
  const { project, provider } = cloud.spec.networks
  const largest = largestProjectMtu(provider.mtu)
  if (project.mtu === 'auto' || project.mtu <= largest || broken([...providerPath, 'mtu'])) return []
  const message = `packets of ${project.mtu} bytes do not fit into the tunnels of project networks: at most ${largest}, which is what auto means`
  return [error({ path: mtuPath, message })]
}

interface Subnet {
  readonly cidr: string
  readonly network: Network
}

function rangeRules(
  range: { start: string; end: string },
  gateway: string | undefined,
  subnet: Subnet,
): readonly Problem[] {
  const path = [...providerPath, 'floatingRange'] as const
  const first = parseAddress(range.start) ?? 0
  const last = parseAddress(range.end) ?? 0
  const taken = gateway === undefined ? subnet.network.first + 1 : parseAddress(gateway)
  const problems = [...inside([...path, 'start'], range.start, subnet), ...inside([...path, 'end'], range.end, subnet)]
  if (first > last)
    problems.push(
      error({ path: [...path, 'end'], message: `the range ends at ${range.end}, before it starts at ${range.start}` }),
    )
  if (taken !== undefined && contains({ first, last }, taken)) {
    problems.push(
      error({
        path,
        message: `the gateway ${gateway ?? '(the first address of cidr)'} lies inside the floating range`,
      }),
    )
  }
  return problems
}

function inside(path: readonly PropertyKey[], text: string, { cidr, network }: Subnet): Problem[] {
  const address = parseAddress(text)
  if (address !== undefined && contains({ first: network.first + 1, last: network.last - 1 }, address)) return []
  return [error({ path, message: `${text} is not an address of the provider network ${cidr}` })]
}

function overlapRules({ cloud, broken }: Facts): readonly Problem[] {
  const provider = { path: [...providerPath, 'cidr'], cidr: cloud.spec.networks.provider.cidr }
  const content = { path: [...contentPath], cidr: cloud.spec.content.network.cidr }
  const own = [provider, content].filter(({ path }) => !broken(path))
  const taken = cloud.spec.underlay.type === 'embedded' ? embeddedNetworks : []
  const embedded = taken.map((cidr) => ({ cidr, name: `${cidr}, which the embedded underlay uses` }))
  return own.flatMap(({ path, cidr }) => {
    const others =
      path === content.path && own.includes(provider)
        ? [...embedded, { cidr: provider.cidr, name: `the provider network ${provider.cidr}` }]
        : embedded
    return others
      .filter((other) => clash(cidr, other.cidr))
      .map(({ name }) => error({ path, message: `${cidr} overlaps ${name}` }))
  })
}

function clash(a: string, b: string): boolean {
  const first = parseCidr(a)
  const second = parseCidr(b)
  return first !== undefined && second !== undefined && overlaps(first, second)
}
