/**
 * The first server: made once and kept, so that users see it; a fresh one is made and removed by `verify`.
 * A server that is as wished, ACTIVE and has its floating IP is only looked at, which takes three calls.
 */
import { CroqueError } from '../../errors/index.ts'
import { type FloatingIp, onlyOne, type Server } from '../../openstack/index.ts'
import { contentNames, type StepContext, type StepResult } from '../content.ts'
import { answersHttp, answersPing, guestReaches } from './answers.ts'
import { attachFloatingIp, findFloatingIp } from './floating-ip.ts'
import { readMetadata, untilActive, untilGone } from './server-progress.ts'

interface Wish {
  readonly name: string
  readonly image: string
  readonly flavor: string
  readonly network: string
  /** What its guest must reach, if anything. */
  readonly publicUrl: string | undefined
}

/** Metadata key that says what a server was verified with; set when it is made. */
const madeForKey = 'croque'

export async function verifyServer(
  context: StepContext,
  { flavor, publicUrl }: { readonly flavor: string; readonly publicUrl: string | undefined },
): Promise<StepResult> {
  const name = context.fresh === true ? `${contentNames.server}-fresh` : contentNames.server
  const wish = { ...(await wishFor(context, name, flavor)), publicUrl }
  if (context.fresh === true) return verifyFresh(context, wish)
  const kept = await findHealthy(context, wish)
  if (kept !== undefined) return { action: 'unchanged', message: sentence(kept.server, kept.ip) }
  await removeUnfit(context, wish)
  return makeAndCheck(context, wish)
}

async function verifyFresh(context: StepContext, wish: Wish): Promise<StepResult> {
  await removeAll(context, await context.cloud.compute.servers.list(wish.name))
  try {
    return await makeAndCheck(context, wish)
  } finally {
    if (!context.signal.aborted) await removeAll(context, await context.cloud.compute.servers.list(wish.name))
  }
}

async function wishFor({ cloud }: StepContext, name: string, flavor: string): Promise<Omit<Wish, 'publicUrl'>> {
  const [images, networks] = await Promise.all([
    cloud.image.list({ name: contentNames.image }),
    cloud.network.networks(contentNames.privateNetwork),
  ])
  const image = images.find(({ status }) => status === 'active')
  const network = networks.find(({ subnets }) => subnets.length > 0)
  if (image !== undefined && network !== undefined) return { name, image: image.id, flavor, network: network.id }
  throw new CroqueError('verification-failed', {
    what: `a server needs ${image === undefined ? `an active image ${contentNames.image}` : `a network ${contentNames.privateNetwork}`}`,
    next: 'Run `./croque up`: it makes the first content again.',
  })
}

async function findHealthy(
  context: StepContext,
  wish: Wish,
): Promise<{ readonly server: Server; readonly ip: FloatingIp } | undefined> {
  const servers = await context.cloud.compute.servers.list(wish.name)
  const [server] = servers
  if (server === undefined || servers.length > 1 || server.status !== 'ACTIVE' || !isAsWished(server, wish))
    return undefined
  const ip = await findFloatingIp(context, server)
  return ip === undefined ? undefined : { server, ip }
}

/** `BUILD` may be another run's, or one that went on without its killed run. */
const isUsable = (server: Server, wish: Wish): boolean =>
  ['ACTIVE', 'BUILD'].includes(server.status) && isAsWished(server, wish)

const isAsWished = (server: Server, wish: Wish): boolean => server.image === wish.image && server.flavor === wish.flavor

/** Those in ERROR, stopped, or made from an older image; never a server that croque did not make. */
async function removeUnfit(context: StepContext, wish: Wish): Promise<void> {
  const servers = await context.cloud.compute.servers.list(wish.name)
  const foreign = servers.find((server) => server.metadata[madeForKey] === undefined)
  if (foreign !== undefined) {
    throw new CroqueError('verification-failed', {
      what: `server ${wish.name} (${foreign.id}) was not made by croque`,
      next: `Rename it: openstack server set --name NAME ${foreign.id}; then run \`./croque verify\`.`,
    })
  }
  const usable = servers.filter((server) => isUsable(server, wish)).sort(byPreference)
  await removeAll(
    context,
    servers.filter((server) => server.id !== usable[0]?.id),
  )
}

/** One that runs is preferred; of two that are being made the same one in every run. */
function byPreference(one: Server, other: Server): number {
  return one.status.localeCompare(other.status) || one.id.localeCompare(other.id)
}

async function makeAndCheck(context: StepContext, wish: Wish): Promise<StepResult> {
  const { cloud, say, signal } = context
  const { servers } = cloud.compute
  const { name, image, flavor, network } = wish
  const { value, created } = await onlyOne<Server>({
    list: async () => (await servers.list(wish.name)).filter(({ status }) => status !== 'DELETED').sort(byPreference),
    create: () => {
      say('asking for a server')
      return servers.create({
        name,
        image,
        flavor,
        network,
        keypair: contentNames.keypair,
        metadata: { [madeForKey]: 'verification' },
      })
    },
    remove: ({ id }) => servers.remove(id),
    signal,
  })
  const server = await untilActive(context, value)
  const [, ip] = await Promise.all([readMetadata(context, server), attachFloatingIp(context, server)])
  await answersPing(context, ip.address)
  await answersHttp(context, ip.address)
  if (wish.publicUrl !== undefined) await guestReaches(context, ip.address, wish.publicUrl)
  return { action: created ? 'created' : 'configured', message: sentence(server, ip) }
}

async function removeAll(context: StepContext, servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      context.say(`removing server ${server.name} (${server.status})`)
      const ip = await findFloatingIp(context, server)
      if (ip !== undefined) await context.cloud.network.removeFloatingIp(ip.id)
      await context.cloud.compute.servers.remove(server.id)
      await untilGone(context, server)
    }),
  )
}

function sentence(server: Server, ip: FloatingIp): string {
  return `server ${server.name} is ACTIVE on ${server.host ?? 'a compute node'}, floating IP ${ip.address}`
}
