/** Looks at a cluster until what was asked of it has ended, and tells what changes. Ending the watching ends nothing else. */
import { CroqueError } from '../../errors/index.ts'
import { type ClusterNodeGroup, type ContainerCluster, isAway, pause, statusOf } from '../../openstack/index.ts'
import type { CommandContext } from '../command.ts'
import type { Scene } from './scene.ts'
import { hasFailed, isUnderWay, told } from './told.ts'

interface Watch {
  readonly context: Pick<CommandContext, 'emit' | 'signal'>
  readonly clusters: Pick<Scene['infra']['clusters'], 'get' | 'nodeGroups'>
  readonly id: string
  readonly name: string
  /** Milliseconds between two looks. @default 1500 */
  readonly pauseMs?: number
  /** How often in a row nobody may answer, each time for as long as a call is made again. @default 20 */
  readonly attempts?: number
}

/** Returns the cluster at rest; undefined when it is gone. Throws `cluster-failed`, and `interrupted` with what goes on. */
export async function watch(given: Watch): Promise<ContainerCluster | undefined> {
  const { context, name } = given
  try {
    const cluster = await untilRest(given)
    if (cluster !== undefined && hasFailed(cluster.status)) throw failure(cluster)
    return cluster
  } catch (error) {
    if (!context.signal.aborted) throw error
    throw new CroqueError('interrupted', {
      what: `Nobody watches any more; what was asked of cluster ${name} goes on in the cloud`,
      next: `See \`./croque cluster show ${name}\`.`,
      cause: error,
    })
  }
}

async function untilRest(given: Watch): Promise<ContainerCluster | undefined> {
  const { emit, signal } = given.context
  const unit = `${given.name}/cluster`
  const said = new Map<string, string>()
  for (;;) {
    const found = await look(given)
    if (found === undefined) {
      emit({ type: 'unit', unit, group: given.name, state: 'done', message: 'gone' })
      return undefined
    }
    for (const event of told(found)) {
      const text = JSON.stringify(event)
      if (said.get(event.unit) !== text) emit(event)
      said.set(event.unit, text)
    }
    if (!isUnderWay(found.cluster.status)) return found.cluster
    await pause(given.pauseMs ?? 1500, signal)
  }
}

interface Look {
  readonly cluster: ContainerCluster
  readonly nodeGroups: readonly ClusterNodeGroup[]
}

/** The cluster goes on when nobody answers for a while, and so does whoever watches it. */
async function look({
  context: { emit, signal },
  clusters,
  id,
  name,
  pauseMs = 1500,
  attempts = 20,
}: Watch): Promise<Look | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const cluster = await clusters.get(id)
      return cluster === undefined ? undefined : { cluster, nodeGroups: await groupsOf(clusters, id) }
    } catch (error) {
      if (signal.aborted || !isAway(error) || attempt === attempts) throw error
      emit({
        type: 'unit',
        unit: `${name}/cluster`,
        group: name,
        state: 'waiting',
        reason: 'the API of clusters to answer',
      })
      await pause(pauseMs, signal)
    }
  }
}

/** A cluster may go between two calls. */
const groupsOf = async (clusters: Watch['clusters'], id: string) =>
  await clusters.nodeGroups(id).catch((error: unknown) => {
    if (statusOf(error) === 404) return []
    throw error
  })

const failure = ({ name, status, reason }: ContainerCluster): CroqueError =>
  new CroqueError('cluster-failed', {
    what: `Cluster ${name} went into ${status}`,
    ...(reason === undefined ? {} : { why: reason }),
    next: `When that is mended, \`./croque cluster ${status === 'CREATE_FAILED' ? `delete ${name}\` and create it anew` : `show ${name}\` tells more; ask for the same once more`}.`,
  })
