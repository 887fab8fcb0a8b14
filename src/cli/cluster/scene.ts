/** What every action of `cluster` works with: the cloud that is here, as its administrator, by its public APIs. */
import { CroqueError, nearest } from '../../errors/index.ts'
import { type ContainerCluster, type OpenStack, statusOf } from '../../openstack/index.ts'
import type { CommandContext } from '../command.ts'
import { type Installation, openPresent } from '../installation.ts'
import { withCloud } from '../with-cloud.ts'
import { wrong } from './words.ts'

export interface Scene {
  readonly context: CommandContext
  readonly installation: Pick<Installation, 'underlay'>
  readonly infra: OpenStack['containerInfra']
  /** Id of the administrator's own. */
  readonly project: () => Promise<string>
}

export async function withScene<T>(context: CommandContext, work: (scene: Scene) => Promise<T>): Promise<T> {
  const installation = await openPresent(context)
  return await withCloud(context, installation, async ({ cloud }) =>
    work({
      context,
      installation,
      infra: cloud.containerInfra,
      project: async () => (await cloud.identity.whoami()).project.id,
    }),
  )
}

/**
 * By name or id. An administrator sees the clusters of all projects, where a name may stand several times: the own project's comes
 * first. Throws `cluster-unknown`, and `argument-invalid` for a name that several others have.
 */
export async function findCluster(
  { infra, project }: Pick<Scene, 'project'> & { readonly infra: { readonly clusters: Pick<Clusters, 'list'> } },
  given: string,
): Promise<ContainerCluster> {
  const all = await infra.clusters.list()
  const found = all.filter(({ id, name }) => id === given || name === given)
  const own = await project()
  const mine = found.filter(({ project: of }) => of === own)
  const [cluster, ...others] = mine.length > 0 ? mine : found
  if (cluster !== undefined && others.length === 0) return cluster
  if (cluster !== undefined)
    throw wrong(
      `${others.length + 1} clusters are called ${given}`,
      `Say which one by its id: ${[cluster, ...others].map(({ id }) => id).join(', ')}.`,
    )
  const names = all.map(({ name }) => name)
  const near = nearest(given, names)
  throw new CroqueError('cluster-unknown', {
    what: `There is no cluster ${given}`,
    ...(names.length === 0 ? {} : { why: `there are ${names.join(', ')}` }),
    ...(near === undefined ? {} : { next: `Did you mean ${near}?` }),
  })
}

type Clusters = OpenStack['containerInfra']['clusters']

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
