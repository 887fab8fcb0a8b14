/** What every action of `cluster` works with: the cloud that is here, as its administrator, by its public APIs. */
import { CroqueError, nearest } from '../../errors/index.ts'
import { type ContainerCluster, type OpenStack, statusOf } from '../../openstack/index.ts'
import type { CommandContext } from '../command.ts'
import { type Installation, openPresent } from '../installation.ts'
import { withCloud } from '../with-cloud.ts'

export interface Scene {
  readonly context: CommandContext
  readonly installation: Pick<Installation, 'underlay'>
  readonly infra: OpenStack['containerInfra']
}

export async function withScene<T>(context: CommandContext, work: (scene: Scene) => Promise<T>): Promise<T> {
  const installation = await openPresent(context)
  return await withCloud(context, installation, async ({ cloud }) =>
    work({ context, installation, infra: cloud.containerInfra }),
  )
}

/** By name or id. Throws `cluster-unknown`, and `cluster-refused` for a name that several have. */
export async function findCluster({ infra }: Scene, given: string): Promise<ContainerCluster> {
  const found = await refused(`Cluster ${given} cannot be shown`, () => infra.clusters.get(given))
  if (found !== undefined) return found
  const names = (await infra.clusters.list()).map(({ name }) => name)
  const near = nearest(given, names)
  throw new CroqueError('cluster-unknown', {
    what: `There is no cluster ${given}`,
    ...(names.length === 0 ? {} : { why: `there are ${names.join(', ')}` }),
    ...(near === undefined ? {} : { next: `Did you mean ${near}?` }),
  })
}

/** What the API says no to is for whoever asked, in the API's own words. */
export async function refused<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const status = statusOf(error) ?? 0
    if (!(error instanceof CroqueError) || ![400, 403, 404, 409].includes(status)) throw error
    throw new CroqueError('cluster-refused', {
      what,
      ...(error.why === undefined ? {} : { why: error.why }),
      cause: error,
    })
  }
}
