/** The router between the first project network and the provider network. */
import { CroqueError } from '../../errors/index.ts'
import { onlyOne, type Router } from '../../openstack/index.ts'
import { contentNames, ownerMark, type StepAction, type StepContext, type StepResult } from '../content.ts'
import { privateNetworks, publicNetworks, routers } from './own.ts'

interface Ends {
  readonly publicNetwork: string
  readonly subnet: string
}

export async function observeRouter(context: StepContext): Promise<StepAction> {
  const [router] = await routers(context)
  if (router === undefined) return 'created'
  const ends = await findEnds(context)
  if (ends === undefined || router.gatewayNetwork === undefined) return 'configured'
  return (await hasInterface(context, router, ends.subnet)) ? 'unchanged' : 'configured'
}

export async function makeRouter(context: StepContext): Promise<StepResult> {
  const { network } = context.cloud
  const ends = await findEnds(context)
  if (ends === undefined) {
    throw new CroqueError('openstack-resource-failed', {
      what: `router ${contentNames.router} cannot be made without the networks ${contentNames.publicNetwork} and ${contentNames.privateNetwork}`,
    })
  }
  const { value, created } = await onlyOne<Router>({
    list: () => routers(context),
    create: () =>
      network.createRouter({ name: contentNames.router, description: ownerMark, gatewayNetwork: ends.publicNetwork }),
    remove: async ({ id }) => void (await network.removeRouter(id)),
    signal: context.signal,
  })
  let changed = false
  if (value.gatewayNetwork === undefined) {
    await network.setGateway(value.id, ends.publicNetwork)
    changed = true
  }
  if (!(await hasInterface(context, value, ends.subnet)))
    changed = (await network.addInterface(value.id, ends.subnet)) || changed
  const action = created ? 'created' : changed ? 'configured' : 'unchanged'
  return {
    action,
    message: `router ${value.name} joins ${contentNames.privateNetwork} and ${contentNames.publicNetwork}`,
  }
}

async function findEnds(context: StepContext): Promise<Ends | undefined> {
  const [[publicNetwork], [privateNetwork]] = await Promise.all([publicNetworks(context), privateNetworks(context)])
  const subnet = privateNetwork?.subnets[0]
  return publicNetwork === undefined || subnet === undefined ? undefined : { publicNetwork: publicNetwork.id, subnet }
}

async function hasInterface({ cloud }: StepContext, router: Router, subnet: string): Promise<boolean> {
  const ports = await cloud.network.ports(router.id)
  return ports.some((port) => port.addresses.some((address) => address.subnet === subnet))
}
