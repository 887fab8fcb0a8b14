/**
 * What was made for a cluster and is in none of its stacks: what Heat asked for just before it died, so that it never learned an id, and
 * what Kubernetes made in the cluster. Nothing is taken for the cluster's by a name that anybody could choose: Nova and Cinder say which
 * user made a thing, and every cluster has one of its own; what Neutron and Octavia have is known by the names that Heat draws, with twelve
 * random letters for each level, and by the words of cloud-provider-openstack, which have the cluster's UUID.
 */
import { type OpenStack, pagesOf } from '../../../openstack/index.ts'
import type { Cluster } from '../../model/index.ts'
import type { Sweep } from './cloud.ts'
import { stackName } from './names.ts'

interface Thing {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly user_id?: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly tags?: readonly string[]
  /** Of a floating IP: its address, and where it leads to. */
  readonly floating_ip_address?: string
  readonly port_id?: string | null
}

export interface Orphan {
  /** `server demo-1f0e2d3c-node-0` */
  readonly called: string
  readonly id: string
  readonly service: string
  /** Of itself. */
  readonly path: string
}

interface Marks {
  readonly isOwnUsers: (thing: Thing) => boolean
  /** It has a name that Heat has drawn. */
  readonly isDrawn: (thing: Thing) => boolean
  /** Made by Kubernetes, for a cluster that goes. */
  readonly isOfKubernetes: (thing: Thing) => boolean
}

interface Kind {
  /** What people call it. */
  readonly word: string
  /** Types in catalogs, of which the first that is there counts. */
  readonly services: readonly string[]
  readonly path: string
  /** Where that is not how one of them is reached. */
  readonly list?: string
  /** Of the list, where it need not be all that the project has. */
  readonly filter?: (prefix: string) => Readonly<Record<string, string>>
  readonly key: string
  readonly query?: string
  readonly isMade: (thing: Thing, marks: Marks) => boolean
}

const network = { services: ['network'], isMade: (thing: Thing, { isDrawn }: Marks): boolean => isDrawn(thing) }
const madeBoth = (thing: Thing, { isDrawn, isOfKubernetes }: Marks): boolean => isDrawn(thing) || isOfKubernetes(thing)

/** In the order in which they hold each other. */
const kinds: readonly Kind[] = [
  {
    ...{ word: 'server', services: ['compute'], path: '/servers', key: 'servers' },
    ...{ list: '/servers/detail', filter: (prefix) => ({ name: `^${prefix}-` }) },
    isMade: (thing, { isOwnUsers }) => isOwnUsers(thing),
  },
  {
    ...{ word: 'load balancer', services: ['load-balancer'], key: 'loadbalancers', query: '?cascade=true' },
    ...{ path: '/v2.0/lbaas/loadbalancers', isMade: madeBoth },
  },
  {
    ...{ word: 'volume', services: ['block-storage', 'volumev3'], key: 'volumes' },
    ...{ path: '/volumes', list: '/volumes/detail' },
    isMade: (thing, marks) => marks.isOwnUsers(thing) && madeBoth(thing, marks),
  },
  {
    ...{ word: 'floating IP', services: ['network'], path: '/v2.0/floatingips', key: 'floatingips' },
    // It goes after the load balancer, which may be another cluster's by now.
    isMade: (thing, { isOfKubernetes }) => isOfKubernetes(thing) && !thing.port_id,
  },
  { ...network, word: 'port', path: '/v2.0/ports', key: 'ports' },
  { ...network, word: 'router', path: '/v2.0/routers', key: 'routers' },
  { ...network, word: 'network', path: '/v2.0/networks', key: 'networks' },
  { ...network, word: 'security group', path: '/v2.0/security-groups', key: 'security_groups', isMade: madeBoth },
]

/** Of Octavia's load balancers, their addresses and their security groups (pkg/openstack/loadbalancer.go, loadbalancer_sg.go). */
const madeByController =
  /^(Kubernetes external service|Floating IP for Kubernetes external service|Security Group for) /
const clusterOfVolume = 'cinder.csi.openstack.org/cluster'

function marksOf({ uuid, spec }: Cluster, userId: string, ends: boolean): Marks {
  const own = stackName({ uuid, spec })
  // Perhaps of a node group. Eight digits more are another cluster's, which was called as the stack of this one is.
  const drawn = new RegExp(`^${own}(?!.*-[0-9a-f]{8}-)(-[a-z0-9-]+-[0-9a-f]{4})?(-[a-z0-9_]+-[a-z2-7]{12})+$`)
  const volumesGo = spec.labels['csi_cinder_reclaim_policy']?.trim() === 'Delete'
  return {
    isOwnUsers: ({ user_id: user }) => user === userId,
    isDrawn: ({ name = '' }) => drawn.test(name),
    isOfKubernetes: ({ description = '', metadata = {}, tags = [] }) =>
      ends &&
      // Services of several clusters may share one.
      tags.every((tag) => !tag.startsWith('kube_service_') || tag.startsWith(`kube_service_${uuid}_`)) &&
      ((madeByController.test(description) && description.endsWith(` cluster ${uuid}`)) ||
        (volumesGo && metadata[clusterOfVolume] === uuid)),
  }
}

type Session = Pick<OpenStack, 'request'>

type Lists = Readonly<Record<string, readonly Thing[]>>

/** `catalog`: types of the services that there are. */
export async function madeFor(
  cluster: Cluster,
  session: Session,
  { userId, ends, catalog }: { readonly userId: string; readonly catalog: ReadonlySet<string> } & Pick<Sweep, 'ends'>,
): Promise<readonly Orphan[]> {
  const marks = marksOf(cluster, userId, ends)
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const service = kind.services.find((type) => catalog.has(type))
      if (service === undefined) return []
      const pages = await pagesOf(session, service, kind.list ?? kind.path, {
        key: kind.key,
        ...(kind.filter === undefined ? {} : { query: kind.filter(stackName(cluster)) }),
        // Where they cannot be listed by it, its user has made none.
        okStatus: [200, 403, 404],
      })
      const things = pages.flatMap(({ status, body }) => (status === 200 ? ((body as Lists)[kind.key] ?? []) : []))
      return things
        .filter((thing) => kind.isMade(thing, marks))
        .map(({ id, name, floating_ip_address: address }) => ({
          called: `${kind.word} ${name ?? address ?? id}`,
          ...{ id, service, path: `${kind.path}/${encodeURIComponent(id)}${kind.query ?? ''}` },
        }))
    }),
  )
  return found.flat()
}

/** What is still in use is asked for again the next time. */
export async function ask(session: Session, { service, path }: Orphan): Promise<void> {
  await session.request(service, 'DELETE', path, { okStatus: [200, 202, 204, 400, 403, 404, 409] })
}
