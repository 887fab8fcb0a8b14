/** Addresses of ports, on the cluster's network and outside. */
import type { OpenStack } from '../../../openstack/index.ts'
import type { SeenServer } from './cloud.ts'

interface Port {
  readonly id: string
  readonly fixed_ips: readonly { readonly ip_address: string }[]
}

interface FloatingIp {
  readonly port_id: string | null
  readonly floating_ip_address: string
}

export type Addresses = Pick<SeenServer, 'address' | 'floatingAddress'>

/** By UUID of the port. */
export async function addressesOf(
  session: Pick<OpenStack, 'request'>,
  ports: readonly string[],
): Promise<ReadonlyMap<string, Addresses>> {
  if (ports.length === 0) return new Map()
  const [fixed, floating] = await Promise.all([
    session.request('network', 'GET', `/v2.0/ports?${ports.map((id) => `id=${id}`).join('&')}`),
    session.request('network', 'GET', `/v2.0/floatingips?${ports.map((id) => `port_id=${id}`).join('&')}`),
  ])
  const { ports: found } = fixed.body as { readonly ports: readonly Port[] }
  const { floatingips } = floating.body as { readonly floatingips: readonly FloatingIp[] }
  const outside = new Map(floatingips.map((ip) => [ip.port_id, ip.floating_ip_address]))
  return new Map(
    found.map(({ id, fixed_ips: [first] }) => {
      const floatingAddress = outside.get(id)
      return [
        id,
        {
          ...(first === undefined ? {} : { address: first.ip_address }),
          ...(floatingAddress === undefined ? {} : { floatingAddress }),
        },
      ]
    }),
  )
}
