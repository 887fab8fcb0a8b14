/**
 * Masters among themselves. Each of them is a member of etcd, so they come and go one by one: the first makes the cluster, the others
 * join it, and who leaves is forgotten by those who stay before its server goes. Etcd itself refuses a change that would cost its
 * quorum; then the command fails on the node, and what it says is what is waited for.
 */
import { isSwarm } from '../../model/index.ts'
import { compareVersions, parseVersion } from '../../rules/index.ts'
import { CloudRefusal } from './cloud.ts'
import { masterActs } from './orders.ts'
import type { RosterNode } from './roster.ts'
import { entryOf, groupOf, isMaster, isUpToDate, nameOf, type Scene, serverOf } from './scene.ts'

type Command = readonly string[]

const mastersOf = (scene: Scene): readonly RosterNode[] =>
  scene.roster.nodes.filter((node) => isMaster(scene.wish, node))

const isMember = (scene: Scene, node: RosterNode): boolean => entryOf(scene, node)?.joined === true

/** Those who stay and have joined. */
const stayingOf = (scene: Scene): readonly RosterNode[] =>
  mastersOf(scene).filter((node) => !node.leaves && isMember(scene, node))

/** Whether the cluster is there: somebody knows what it knows. */
const isBegun = (scene: Scene): boolean => mastersOf(scene).some((node) => isMember(scene, node))

/** What a master may begin with now: to make the cluster, or to join it; undefined while that is not its turn. */
export function turnOf(scene: Scene, node: RosterNode): 'founds' | 'joins' | undefined {
  const isAdmitted = (each: RosterNode): boolean => entryOf(scene, each) !== undefined
  const [first] = mastersOf(scene).filter((each) => !each.leaves && !isAdmitted(each))
  if (first !== node) return undefined
  const admitted = mastersOf(scene).filter(isAdmitted)
  if (!isBegun(scene)) return admitted.length === 0 ? 'founds' : undefined
  const isSettled = (each: RosterNode): boolean => (each.leaves ? isForgotten(scene, each) : isMember(scene, each))
  return admitted.every(isSettled) ? 'joins' : undefined
}

/** Who comes to a swarm needs a token of it. */
export const workerTurnOf = (scene: Scene): 'joins' | undefined =>
  isSwarm(scene.wish.cluster) && stayingOf(scene).length === 0 ? undefined : 'joins'

/** What a master does beside what it was admitted with. */
export function actsOf(scene: Scene, node: RosterNode): readonly Command[] {
  if (!isMember(scene, node)) return []
  if (node.leaves) return [masterActs.release()]
  const leaving = mastersOf(scene).filter((each) => each.leaves && !mayStillJoin(scene, each))
  const addresses = leaving.flatMap((each) => entryOf(scene, each)?.orders.address ?? [])
  const isLater = entryOf(scene, node)?.orders.founds === false && !isSwarm(scene.wish.cluster)
  return [...addresses.map(masterActs.forget), ...(isLater && bringsAddOns(scene, node) ? [masterActs.addOns()] : [])]
}

/** To forget it would be in vain as long as its server is there. */
const mayStillJoin = (scene: Scene, node: RosterNode): boolean =>
  !isMember(scene, node) && serverOf(scene, node) !== undefined

/** The first of the masters does it, once all are of its version. kube-proxy and CoreDNS were brought already by whoever founded the cluster. */
export function bringsAddOns(scene: Scene, node: RosterNode): boolean {
  const isOutdated = (each: RosterNode): boolean => each.templateId !== groupOf(scene.wish, each)?.spec.templateId
  const [first] = stayingOf(scene)
  return first === node && !mastersOf(scene).some(isOutdated)
}

/** Whether the server of a master that leaves may go: as soon as etcd does not count on it. */
export const isReleased = (scene: Scene, node: RosterNode): boolean =>
  !isMember(scene, node) || isForgotten(scene, node)

/** Whether no etcd knows a master that leaves, by the word of one that stays. */
export function isForgotten(scene: Scene, node: RosterNode): boolean {
  const entry = entryOf(scene, node)
  if (entry === undefined || !isBegun(scene)) return true
  const act = JSON.stringify(masterActs.forget(entry.orders.address))
  return stayingOf(scene).some((each) => {
    const other = entryOf(scene, each)
    return other !== undefined && isUpToDate(other) && other.orders.later.some((one) => JSON.stringify(one) === act)
  })
}

/** @throws CloudRefusal where nobody is left who knows what the cluster knows */
export function checkMasters(scene: Scene): void {
  const members = mastersOf(scene).filter((node) => isMember(scene, node))
  const { id } = scene.wish.cluster.spec.operation
  const isDead = ({ failedIn }: RosterNode): boolean => failedIn !== undefined && failedIn !== id
  if (members.length === 0 || members.some((node) => !isDead(node))) return
  throw new CloudRefusal(
    `No master is alive (${members.map((node) => nameOf(scene.wish, node)).join(', ')}), and with them all is lost that the cluster knows. Delete it and create it anew.`,
  )
}

/** @throws CloudRefusal where masters of the wished version could not join those that are there */
export async function checkVersions(scene: Scene): Promise<void> {
  const { wish, options } = scene
  const running = versionOf(scene)
  const before = parseVersion(running)
  if (before === undefined || isSwarm(wish.cluster)) return
  for (const group of wish.nodeGroups) {
    const isOutdated = (node: RosterNode): boolean =>
      node.group === group.uuid && node.templateId !== group.spec.templateId
    if (group.spec.role !== 'master' || group.spec.imageId === undefined || !scene.roster.nodes.some(isOutdated))
      continue
    const wanted = await options.engineVersion(wish.cluster, group.spec.imageId)
    const after = parseVersion(wanted)
    if (after === undefined || (compareVersions(after, before) >= 0 && after.minor <= before.minor + 1)) continue
    throw new CloudRefusal(
      `The masters run Kubernetes ${running}, and the image of the template has ${wanted}: Kubernetes goes forward by one minor version at a time`,
    )
  }
}

/** The oldest one of the masters that serve; undefined while none does. */
export function versionOf(scene: Scene): string | undefined {
  const versions = mastersOf(scene).flatMap((node) => {
    const entry = entryOf(scene, node)
    return entry?.joined === true ? [entry.orders.version] : []
  })
  return oldestOf(versions)
}

export function oldestOf(versions: readonly string[]): string | undefined {
  const zero = { major: 0, minor: 0, patch: 0 }
  const [oldest] = [...versions].sort((a, b) => compareVersions(parseVersion(a) ?? zero, parseVersion(b) ?? zero))
  return oldest
}
