/** What is the matter with nodes, from what is seen of them. Pure. */
import type { NodeEntry } from '../../nodes/index.ts'
import type { SeenServer } from './cloud.ts'
import type { SeenNode } from './inside/inside.ts'

/** What is wrong with the server of a node, so that it will not serve (again); undefined while nothing is. Of one that comes Heat says itself what fails. */
export function troubleOf(server: SeenServer | undefined, entry: NodeEntry | undefined): string | undefined {
  if (server === undefined) return undefined
  const { id, machine, status, reason } = server
  if (machine === 'gone') return 'its server is gone'
  if (entry?.joined !== true) return undefined
  if (machine?.startsWith('ERROR') === true) return `its server is in ${machine}`
  // By `openstack stack resource mark unhealthy`: Heat would make another one in its place.
  if (status === 'CHECK_FAILED') return `its server was marked as unhealthy: ${reason}`
  const isAnother = id !== undefined && entry.serverId !== undefined && id !== entry.serverId
  return isAnother ? 'its server was exchanged for another one, which is no node' : undefined
}

/** Kubelets are heard of every ten seconds. */
const silenceMs = 25_000
/** After so long a node is given up, as other healers do. */
export const patienceMs = 5 * 60_000

/** How a node fares by itself, beside the others. Silence is told by their clocks alone, and earlier than by Kubernetes, which waits for most of a minute. */
export function fares(node: SeenNode, all: readonly SeenNode[]): Pick<SeenNode, 'ready' | 'reason'> {
  const newest = Math.max(...all.map(({ heard = 0 }) => heard))
  const { ready, reason, heard } = node
  if (ready === 'True' && heard !== undefined && newest - heard > silenceMs)
    return { ready: 'Unknown', reason: `its kubelet is not heard of any more` }
  return { ready, ...(reason === undefined ? {} : { reason }) }
}
