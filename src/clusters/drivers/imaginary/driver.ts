/**
 * The null driver: it makes no clusters, and does not hide it. Addresses come from the ranges that are kept for documentation, names end
 * in `.invalid`, and a registry refuses it unless it is asked for. What it pretends goes through the same motions as a real one, call by
 * call, each of which may take its time or fail: so every transition of a cluster can be tried without a cloud.
 */
import type { Driver, Progress, Wish } from '../driver.ts'
import { factsOf, healthOf, nodesOf, waiting } from './facts.ts'
import { convergeGroups } from './groups.ts'
import { delayOf, Hopeless, type ImaginaryOptions, type Motion, motionOf } from './motion.ts'

const distros = ['debian', 'ubuntu', 'fedora-coreos', 'fedora-atomic', 'flatcar', 'rockylinux', 'opensuse', 'coreos']
const everything: Driver['covers'] = ['kubernetes', 'swarm-mode'].flatMap((coe) =>
  distros.flatMap((distro) => (['vm', 'bm'] as const).map((serverType) => ({ coe, distro, serverType }))),
)

export function createImaginaryDriver(options: ImaginaryOptions): Driver {
  const { cloud, clock, covers = everything } = options
  return {
    name: 'null',
    imaginary: true,
    covers,
    reconcile: (wish) => honestly(wish, options, make),
    remove: (wish) => honestly(wish, options, unmake),
    health: async (wish) => healthOf(wish, await cloud.read(wish.cluster.uuid), clock.now()),
  }
}

/** What will not come by waiting is an answer; everything else is thrown. */
async function honestly(
  wish: Wish,
  options: ImaginaryOptions,
  work: (motion: Motion) => Promise<Progress>,
): Promise<Progress> {
  const motion = await motionOf(wish, options)
  try {
    return await work(motion)
  } catch (error) {
    if (error instanceof Hopeless) return { state: 'failed', reason: error.message, facts: factsOf(motion) }
    throw error
  }
}

async function make(motion: Motion): Promise<Progress> {
  const { wish, options } = motion
  const { clock } = options
  if (!motion.begun) {
    const networkReadyAt = clock.now() + delayOf(motion, 'network')
    await motion.call('network create', (cluster) => ({ ...cluster, networkReadyAt }))
  }
  const { networkReadyAt } = motion.cluster
  if (clock.now() < networkReadyAt) return waiting(motion, 'an imaginary network', networkReadyAt)
  await convergeGroups(motion)
  const nodes = nodesOf(motion.cluster)
  const late = nodes.filter(({ readyAt }) => clock.now() < readyAt)
  if (late.length > 0) {
    const until = Math.max(...late.map(({ readyAt }) => readyAt))
    return waiting(motion, `${late.length} of ${nodes.length} imaginary servers`, until)
  }
  const outdated = outdatedIn(motion)
  if (outdated > 0) return waiting(motion, `${outdated} imaginary servers with the image of before to be replaced`, 0)
  const { kind, id } = wish.cluster.spec.operation
  if (kind.startsWith('rotate-') && motion.cluster.rotated !== id)
    await motion.call('certificates rotate', (cluster) => ({ ...cluster, rotated: id }))
  return { state: 'done', facts: factsOf(motion) }
}

function outdatedIn({ wish, cluster }: Motion): number {
  const wished = new Map(wish.nodeGroups.map(({ uuid, spec }) => [uuid, spec.templateId]))
  return Object.entries(cluster.groups).flatMap(([uuid, { nodes }]) =>
    nodes.filter(({ templateId }) => templateId !== wished.get(uuid)),
  ).length
}

async function unmake(motion: Motion): Promise<Progress> {
  if (!motion.begun) return { state: 'done', facts: {} }
  for (const uuid of Object.keys(motion.cluster.groups)) {
    await motion.call('group delete', ({ groups: { [uuid]: _, ...groups }, ...rest }) => ({ ...rest, groups }))
  }
  await motion.call('network delete', () => undefined)
  return { state: 'done', facts: {} }
}
