/** Looks up with the caller's own rights what a request names of the cloud, all at once and in bounded time. */
import type { OpenStack } from '../../openstack/index.ts'
import type { Caller } from '../identity/index.ts'
import { findFlavor, findKeypair } from './compute.ts'
import { apiErrorOf, Fault, faultOf, type services } from './fault.ts'
import { findImage } from './image.ts'
import { findExternalNetwork, findFixedNetwork, findFixedSubnet } from './network.ts'
import { type Found, type Sought, soughtNames } from './sought.ts'

export interface LookupOptions {
  /** A cloud with somebody else's token: `forwarding` of a ServiceConnection, whose `interface` says which endpoints are used. */
  readonly forwarding: (token: string, signal: AbortSignal) => OpenStack
  /** Longest time for all of it, in milliseconds. @default 20000 */
  readonly timeoutMs?: number
}

export interface Lookups {
  /**
   * @throws ApiError with Magnum's status and text of the first that was not found, and the texts of all; 403 when the caller's token is
   * not accepted, 503 when a service does not answer in time
   */
  readonly find: <Names extends Sought>(
    caller: Pick<Caller, 'token'>,
    sought: Names,
    signal?: AbortSignal,
  ) => Promise<FoundFor<Names>>
}

/** What was certainly sought was certainly found. */
export type FoundFor<Names extends Sought> = Found & {
  readonly [Name in keyof Names & keyof Found as undefined extends Names[Name] ? never : Name]-?: NonNullable<
    Found[Name]
  >
}

export function lookups({ forwarding, timeoutMs = 20_000 }: LookupOptions): Lookups {
  return {
    find: async (caller, sought, given) => {
      const limit = AbortSignal.timeout(timeoutMs)
      const cloud = forwarding(caller.token, given === undefined ? limit : AbortSignal.any([given, limit]))
      const searches = searchesIn(cloud)
      const outcomes = await Promise.all(
        soughtNames.flatMap((name) => {
          const value = sought[name]
          return value === undefined ? [] : [outcomeOf(searches[name], name, value)]
        }),
      )
      given?.throwIfAborted()
      const found: Found = Object.fromEntries(
        outcomes.flatMap((outcome) => ('found' in outcome ? [[outcome.name, outcome.found]] : [])),
      )
      const [first, ...rest] = [
        ...outcomes.flatMap((outcome) => ('fault' in outcome ? [outcome.fault] : [])),
        ...strayingSubnet(found),
      ]
      if (first !== undefined) throw apiErrorOf([first, ...rest])
      return found as FoundFor<typeof sought>
    },
  }
}

interface Search {
  readonly service: keyof typeof services
  readonly what: string
  readonly find: (value: string) => Promise<unknown>
}

type Outcome = { readonly name: string } & ({ readonly found: unknown } | { readonly fault: Fault })

async function outcomeOf({ service, what, find }: Search, name: string, value: string): Promise<Outcome> {
  try {
    return { name, found: await find(value) }
  } catch (error) {
    return { name, fault: faultOf(error, service, `${what} ${value}`) }
  }
}

function searchesIn(cloud: OpenStack): Readonly<Record<keyof Sought, Search>> {
  // Both flavors are looked for in one list.
  let flavors: ReturnType<OpenStack['compute']['flavors']> | undefined
  const flavor = (field: string) => async (value: string) => {
    flavors ??= cloud.compute.flavors()
    return findFlavor(await flavors, value, field)
  }
  return {
    imageId: { service: 'glance', what: 'image', find: (value) => findImage(cloud, value) },
    flavorId: { service: 'nova', what: 'flavor', find: flavor('flavor_id') },
    masterFlavorId: { service: 'nova', what: 'flavor', find: flavor('master_flavor_id') },
    externalNetworkId: {
      service: 'neutron',
      what: 'external network',
      find: (value) => findExternalNetwork(cloud, value),
    },
    fixedNetwork: { service: 'neutron', what: 'fixed network', find: (value) => findFixedNetwork(cloud, value) },
    fixedSubnet: { service: 'neutron', what: 'fixed subnet', find: (value) => findFixedSubnet(cloud, value) },
    keypair: { service: 'nova', what: 'keypair', find: (value) => findKeypair(cloud, value) },
  }
}

/** Magnum notices it only when the servers are made. */
function strayingSubnet({ fixedNetwork, fixedSubnet }: Found): readonly Fault[] {
  if (fixedNetwork === undefined || fixedSubnet === undefined || fixedSubnet.networkId === fixedNetwork.id) return []
  return [
    new Fault(
      400,
      `Fixed subnet ${fixedSubnet.name || fixedSubnet.id} is not one of fixed network ${fixedNetwork.name || fixedNetwork.id}.`,
      `To see its subnets: openstack subnet list --network ${fixedNetwork.id}`,
    ),
  ]
}
