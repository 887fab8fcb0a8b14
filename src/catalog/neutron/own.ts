/** The first networks and the router by name: in the administrator's project, the one in use first. */
import type { Network, Router } from '../../openstack/index.ts'
import { contentNames, type StepContext } from '../content.ts'

/** External networks of that name, whosever: there is one provider network a physical network. */
export async function publicNetworks({ cloud }: StepContext): Promise<readonly Network[]> {
  return (await cloud.network.networks(contentNames.publicNetwork)).filter((network) => network.external)
}

/** A network that has its subnet was kept by the run that made it; one without may be the rest of a killed run. */
export async function privateNetworks({ cloud }: StepContext): Promise<readonly Network[]> {
  const { project } = await cloud.identity.whoami()
  const named = await cloud.network.networks(contentNames.privateNetwork)
  return named
    .filter((network) => network.project === project.id)
    .sort((a, b) => Number(b.subnets.length > 0) - Number(a.subnets.length > 0) || byAge(a, b))
}

export async function routers({ cloud }: StepContext): Promise<readonly Router[]> {
  const { project } = await cloud.identity.whoami()
  const named = await cloud.network.routers(contentNames.router)
  return named.filter((router) => router.project === project.id).sort(byAge)
}

function byAge(
  a: { readonly createdAt: string; readonly id: string },
  b: { readonly createdAt: string; readonly id: string },
): number {
  return a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id)
}
