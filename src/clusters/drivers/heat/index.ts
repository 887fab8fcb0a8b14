/** The driver `heat`, on a cloud. */
import { type ConnectOptions, connect, type OpenStack } from '../../../openstack/index.ts'
import type { ClusterCertificates } from '../../certificates/index.ts'
import { type Cluster, type ClusterStore, isSwarm } from '../../model/index.ts'
import type { Ledger } from '../../nodes/index.ts'
import type { Driver } from '../driver.ts'
import { rotationOf } from './authorities.ts'
import { seenByAutoscaler } from './autoscaler-view.ts'
import { CloudRefusal } from './cloud.ts'
import { credentialKeeper, type UserSession } from './credentials.ts'
import { createHeatDriver } from './driver.ts'
import { doorBy } from './inside/door.ts'
import { rostersIn } from './rosters.ts'
import type { HeatDriverOptions } from './scene.ts'
import { clusterSessions } from './sessions.ts'
import { clusterCloud } from './stacks.ts'
import { swarmDoorBy } from './swarm/door.ts'
import { clusterUsers } from './users.ts'

export { authoritiesSecret } from './authorities.ts'
export { autoscalerCredential, autoscalerSecret, cloudConfigSecret, keystoneAuthSecret } from './secrets.ts'
export { swarmJoinSecrets } from './swarm/door.ts'

export interface HeatOnCloudOptions {
  /** How the cloud is reached; whose login it is does not matter. */
  readonly cloud: Omit<ConnectOptions, 'username' | 'password' | 'project' | 'scope'>
  /** Users of clusters, and who makes them. */
  readonly users: {
    readonly domain: string
    readonly admin: { readonly username: string; readonly password: string }
    readonly role: string
  }
  readonly desk: HeatDriverOptions['desk']
  readonly defaults: HeatDriverOptions['defaults']
  readonly trusted?: string
  readonly store: Pick<ClusterStore, 'clusters' | 'onClusterChange' | 'readSecret' | 'writeSecret'>
  readonly ledger: Ledger
  readonly certificates: Pick<ClusterCertificates, 'admin' | 'material'>
  /** The wall clock, milliseconds since 1970. */
  readonly now: () => number
}

export function heatOnCloud(options: HeatOnCloudOptions): Driver {
  const { cloud, users, store, ledger, certificates, ...given } = options
  const login = (username: string, password: string, scope: ConnectOptions['scope']): OpenStack =>
    connect({
      ...cloud,
      username,
      password,
      project: '',
      userDomain: users.domain,
      ...(scope === undefined ? {} : { scope }),
    })
  const admin = login(users.admin.username, users.admin.password, { domain: users.domain })
  const known = clusterUsers({ admin, domain: users.domain, role: users.role, store })
  const sessions = clusterSessions<ClusterSession>({
    store,
    open: async (cluster) => {
      const { id, name, password } = await known.ensure(cluster)
      return { userId: id, cloud: login(name, password, { projectId: cluster.spec.projectId }) }
    },
  })
  const credentials = credentialKeeper({
    ...{ sessionOf: sessions.of, store, role: users.role },
    ...(cloud.region === undefined ? {} : { region: cloud.region }),
  })
  const [kubernetes, swarm] = [doorBy(certificates), swarmDoorBy(certificates)]
  const driver = createHeatDriver({
    cloudOf: (cluster) =>
      clusterCloud(cluster, {
        session: async () => (await sessions.of(cluster)).cloud,
        user: async () => (await sessions.of(cluster)).userId,
        leave: async () => {
          sessions.end(cluster.uuid)
          await known.remove(cluster)
        },
      }),
    credentials: () => credentials,
    rotation: async (cluster) => await rotationOf(cluster, certificates),
    ledger,
    rosters: rostersIn(store),
    ...given,
    engineVersion: async (cluster, imageId) => await versionIn((await sessions.of(cluster)).cloud, cluster, imageId),
    door: async (cluster, signal, work) => await (isSwarm(cluster) ? swarm : kubernetes)(cluster, signal, work),
  })
  return {
    ...driver,
    seenByAutoscaler: async (cluster, question) =>
      await seenByAutoscaler((await sessions.of(cluster)).cloud, cluster, question),
  }
}

interface ClusterSession extends UserSession {
  readonly cloud: OpenStack
}

const engines = {
  kubernetes: {
    property: 'kube_version',
    form: /^v\d+\.\d+\.\d+$/,
    example: 'v1.35.4',
    nodes: 'Kubernetes',
    import: 'v1.35.4',
  },
  swarm: {
    property: 'docker_version',
    form: /^\d+\.\d+\.\d+$/,
    example: '26.1.5',
    nodes: 'Docker Swarm',
    import: 'swarm',
  },
} as const

/** `image`: UUID or name. @throws CloudRefusal for an image that is none for nodes of such clusters */
async function versionIn(session: OpenStack, cluster: Cluster, image: string): Promise<string> {
  const { property, form, example, nodes, import: name } = engines[isSwarm(cluster) ? 'swarm' : 'kubernetes']
  const version = (await imageOf(session, image))?.[property]
  if (typeof version === 'string' && form.test(version)) return version
  throw new CloudRefusal(
    `Image ${image} has no property ${property} such as ${example}: it is no image of a node of ${nodes}. See "croque node-image import ${name}".`,
  )
}

interface Image {
  readonly kube_version?: unknown
  readonly docker_version?: unknown
}

async function imageOf(session: OpenStack, image: string): Promise<Image | undefined> {
  const path = `/v2/images/${encodeURIComponent(image)}`
  const byId = await session.request('image', 'GET', path, { okStatus: [200, 404] })
  if (byId.status === 200) return byId.body as Image
  const { body } = await session.request('image', 'GET', '/v2/images', { query: { name: image } })
  return (body as { readonly images: readonly Image[] }).images[0]
}
