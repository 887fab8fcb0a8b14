/** The way into tenants' swarms: what the driver does inside a cluster, in the words of Docker. */
import { ApiError } from '../../../api/route.ts'
import type { ClusterCertificates } from '../../../certificates/index.ts'
import type { Door, Inside, SeenNode } from '../inside/inside.ts'
import { whyOf } from '../leaving.ts'
import { type Docker, DockerError, dockerBy } from './docker.ts'
import { type JoinTokens, swarmTokenSecrets } from './tokens.ts'

export const swarmDoorBy =
  (certificates: Pick<ClusterCertificates, 'admin'>): Door =>
  async (cluster, signal, work) =>
    await work(insideOf(await dockerBy(certificates)({ cluster, signal })))

/** For the desk: what lets nodes in, by the word of whoever manages the swarm. */
export const swarmJoinSecrets = (
  certificates: Pick<ClusterCertificates, 'admin'>,
): ReturnType<typeof swarmTokenSecrets> =>
  swarmTokenSecrets(async (cluster) => {
    try {
      const docker = await dockerBy(certificates)({ cluster, signal: new AbortController().signal })
      return ((await docker('GET', '/swarm')) as { readonly JoinTokens: JoinTokens }).JoinTokens
    } catch (cause) {
      throw new ApiError(503, `No manager of the swarm says what lets a node in: ${whyOf(cause)}`, { cause })
    }
  })

interface Node {
  readonly ID: string
  readonly UpdatedAt: string
  readonly Version: { readonly Index: number }
  readonly Spec: { readonly Availability?: string }
  readonly Description?: {
    readonly Hostname?: string
    readonly Engine?: { readonly Labels?: Readonly<Record<string, string>> | null }
  }
  readonly Status: { readonly State: string; readonly Message?: string }
}

interface Task {
  readonly ID: string
  readonly Slot?: number
  readonly ServiceID: string
  readonly Status: { readonly State: string }
}

/** Of tasks that have ended, or never began. */
const over = new Set(['complete', 'failed', 'shutdown', 'rejected', 'orphaned', 'remove'])

export function insideOf(docker: Docker): Inside {
  const read = async (): Promise<readonly Node[]> => (await docker('GET', '/nodes')) as readonly Node[]
  return {
    nodes: async () => (await read()).map(seen),
    cordon: async ({ uid }) => {
      const { Spec, Version } = (await docker('GET', `/nodes/${uid}`)) as Node
      // It ends the tasks of the node too, and begins others elsewhere.
      await docker('POST', `/nodes/${uid}/update?version=${Version.Index}`, { ...Spec, Availability: 'drain' })
    },
    evict: async ({ uid }) => {
      const filters = encodeURIComponent(JSON.stringify({ node: [uid] }))
      const tasks = (await docker('GET', `/tasks?filters=${filters}`)) as readonly Task[]
      return tasks
        .filter(({ Status }) => !over.has(Status.State))
        .map(({ ID, ServiceID, Slot }) => `task ${Slot ?? ID} of service ${ServiceID} to end`)
    },
    remove: async ({ uid }) => {
      try {
        await docker('DELETE', `/nodes/${uid}?force=true`)
      } catch (error) {
        if (!(error instanceof DockerError && error.status === 404)) throw error
      }
    },
  }
}

function seen({ ID, UpdatedAt, Spec, Description, Status }: Node): SeenNode {
  const group = Description?.Engine?.Labels?.['magnum.openstack.org/nodegroup']
  const isReady = Status.State === 'ready'
  const { Message = '' } = Status
  return {
    name: Description?.Hostname ?? ID,
    uid: ID,
    ready: isReady ? 'True' : 'False',
    cordoned: Spec.Availability === 'drain',
    ...(group === undefined ? {} : { group }),
    ...(isReady ? {} : { since: Date.parse(UpdatedAt), reason: `${Status.State} ${Message}`.trim().slice(0, 300) }),
  }
}
