/** Looks at a cluster until what was asked of it has ended, and tells what changes. Ending the watching ends nothing else. */
import { CroqueError } from '../../errors/index.ts'
import { type ContainerCluster, pause, statusOf } from '../../openstack/index.ts'
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

async function untilRest({
  context: { emit, signal },
  clusters,
  id,
  name,
  pauseMs = 1500,
}: Watch): Promise<ContainerCluster | undefined> {
  const said = new Map<string, string>()
  for (;;) {
    const cluster = await clusters.get(id)
    if (cluster === undefined) {
      emit({ type: 'unit', unit: `${name}/cluster`, group: name, state: 'done', message: 'gone' })
      return undefined
    }
    const atRest = !isUnderWay(cluster.status)
    for (const event of told({ cluster, nodeGroups: await groupsOf(clusters, id) })) {
      const text = JSON.stringify(event)
      if (said.get(event.unit) !== text) emit(event)
      said.set(event.unit, text)
    }
    if (atRest) return cluster
    await pause(pauseMs, signal)
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
