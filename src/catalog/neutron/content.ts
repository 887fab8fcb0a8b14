import { contentNames, type Step, throughGateway } from '../content.ts'
import { quotaStep } from '../quotas.ts'
import { makePrivateNetwork, makePublicNetwork, observePrivateNetwork, observePublicNetwork } from './first-networks.ts'
import { makeRouter, observeRouter } from './first-router.ts'
import { makeRules, observeRules } from './first-rules.ts'

export interface NeutronContent {
  readonly physicalNetwork: string
  /** Subnet of the provider network, its router's address, and the floating IPs in it. */
  readonly cidr: string
  readonly gateway: string
  readonly floatingStart: string
  readonly floatingEnd: string
  readonly mtu: number
  /** Name servers that guests are told; empty: none. */
  readonly dnsServers: readonly string[]
  /** Subnet of the first project network. @default '10.20.0.0/24' */
  readonly privateCidr?: string
  /** Least limits of the administrator's project by Neutron's names; higher ones are left alone. */
  readonly quotas?: Readonly<Record<string, number>>
}

const standardQuotas = {
  network: 100,
  subnet: 100,
  port: 1000,
  router: 50,
  floatingip: 200,
  security_group: 100,
  security_group_rule: 1000,
}

export function contentSteps(options: NeutronContent): readonly Step[] {
  const needs = [...throughGateway, 'neutron/api']
  return [
    {
      name: 'public-network',
      title: `provider network ${contentNames.publicNetwork}`,
      needs,
      observe: (context) => observePublicNetwork(context, options),
      run: (context) => makePublicNetwork(context, options),
    },
    {
      name: 'private-network',
      title: `project network ${contentNames.privateNetwork}`,
      needs,
      observe: (context) => observePrivateNetwork(context, options),
      run: (context) => makePrivateNetwork(context, options),
    },
    {
      name: 'router',
      title: `router ${contentNames.router}`,
      // Neutron gives a router's gateway to a chassis that is there.
      needs: ['content/public-network', 'content/private-network', 'ovn/gateway'],
      observe: observeRouter,
      run: makeRouter,
    },
    {
      name: 'security-group',
      title: 'ping, SSH and HTTP in the default security group',
      needs,
      observe: observeRules,
      run: makeRules,
    },
    quotaStep({ name: 'network', needs, wanted: options.quotas ?? standardQuotas }),
  ]
}
