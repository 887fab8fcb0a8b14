/** Clusters, their node groups, what is done with them, and certificates of their CAs (Magnum). */
import { Fields } from './fields.ts'
import { clusterHeaders as headers } from './microversion.ts'
import type { Session } from './session.ts'

export interface ContainerCluster {
  readonly id: string
  readonly name: string
  readonly project: string
  /** `CREATE_IN_PROGRESS`, `UPDATE_COMPLETE`, `DELETE_FAILED`, … */
  readonly status: string
  /** What is waited for, or how it ended. */
  readonly reason: string | undefined
  /** `HEALTHY`, `UNHEALTHY` or `UNKNOWN`; undefined while nobody has looked. */
  readonly health: string | undefined
  /** `{"api": "ok", "<node>.Ready": "True"}` */
  readonly healthReason: Readonly<Record<string, string>>
  readonly templateId: string
  readonly masterCount: number
  readonly nodeCount: number
  /** `https://HOST:PORT`; undefined while it has none. */
  readonly apiAddress: string | undefined
  readonly keypair: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: string | undefined
}

export interface ClusterNodeGroup {
  readonly id: string
  readonly name: string
  /** `master`, `worker`, or one of the user's own. */
  readonly role: string
  readonly nodeCount: number
  readonly status: string
  readonly reason: string | undefined
  readonly addresses: readonly string[]
}

/** What is left out has the default of the template. */
export interface NewCluster {
  readonly name: string
  /** Id or name. */
  readonly template: string
  readonly nodeCount?: number
  readonly masterCount?: number
  readonly keypair?: string
  readonly flavor?: string
  readonly masterFlavor?: string
  /** Over those of the template. */
  readonly labels?: Readonly<Record<string, string>>
  /** Minutes. */
  readonly timeout?: number
}

export interface Resize {
  readonly nodeCount: number
  readonly nodeGroup?: string
  /** Addresses or ids of servers that go first. */
  readonly remove?: readonly string[]
}

export interface Upgrade {
  /** Id or name. */
  readonly template: string
  readonly nodeGroup?: string
  readonly maxBatchSize?: number
}

/** Clusters are named by id or by name. */
export interface Clusters {
  readonly list: () => Promise<readonly ContainerCluster[]>
  /** Undefined when there is none. */
  readonly get: (cluster: string) => Promise<ContainerCluster | undefined>
  readonly nodeGroups: (cluster: string) => Promise<readonly ClusterNodeGroup[]>
  /** Returns its id. */
  readonly create: (cluster: NewCluster) => Promise<string>
  readonly resize: (cluster: string, wish: Resize) => Promise<void>
  readonly upgrade: (cluster: string, wish: Upgrade) => Promise<void>
  /** One that is gone is no error. */
  readonly remove: (cluster: string) => Promise<void>
  /** PEM of the CA of its API. */
  readonly ca: (cluster: string) => Promise<string>
  /** PEM of the certificate that was asked for. */
  readonly sign: (cluster: string, csr: string) => Promise<string>
}

const type = 'container-infra'
const pageSize = 500

type Asked = Pick<Session, 'request'>

export function clusters(session: Asked): Clusters {
  const at = (cluster: string): string => `/clusters/${encodeURIComponent(cluster)}`
  const post = async (path: string, body: unknown): Promise<Fields> =>
    new Fields((await session.request(type, 'POST', path, { headers, body })).body ?? {}, `POST ${type} ${path}`)
  return {
    list: async () => await all(session),
    get: async (cluster) => {
      const okStatus = [200, 404]
      const { status, body } = await session.request(type, 'GET', at(cluster), { headers, okStatus })
      return status === 404 ? undefined : parseCluster(new Fields(body, `GET ${type} /clusters/{cluster}`))
    },
    nodeGroups: async (cluster) => await nodeGroups(session, at(cluster)),
    create: async (cluster) => (await post('/clusters', newCluster(cluster))).text('uuid'),
    resize: async (cluster, { nodeCount, nodeGroup, remove }) => {
      await post(`${at(cluster)}/actions/resize`, {
        node_count: nodeCount,
        ...(nodeGroup === undefined ? {} : { nodegroup: nodeGroup }),
        ...(remove === undefined ? {} : { nodes_to_remove: remove }),
      })
    },
    upgrade: async (cluster, { template, nodeGroup, maxBatchSize }) => {
      await post(`${at(cluster)}/actions/upgrade`, {
        cluster_template: template,
        ...(nodeGroup === undefined ? {} : { nodegroup: nodeGroup }),
        ...(maxBatchSize === undefined ? {} : { max_batch_size: maxBatchSize }),
      })
    },
    remove: async (cluster) => {
      await session.request(type, 'DELETE', at(cluster), { headers, okStatus: [204, 404] })
    },
    ca: async (cluster) => {
      const { body } = await session.request(type, 'GET', `/certificates/${encodeURIComponent(cluster)}`, { headers })
      return new Fields(body, `GET ${type} /certificates/{cluster}`).text('pem')
    },
    sign: async (cluster, csr) => (await post('/certificates', { cluster_uuid: cluster, csr })).text('pem'),
  }
}

async function all(session: Asked): Promise<readonly ContainerCluster[]> {
  const found: ContainerCluster[] = []
  for (;;) {
    const marker = found.at(-1)?.id
    const query = { limit: String(pageSize), ...(marker === undefined ? {} : { marker }) }
    const { body } = await session.request(type, 'GET', '/clusters/detail', { headers, query })
    const page = new Fields(body, `GET ${type} /clusters/detail`)
    found.push(...page.list('clusters', parseCluster))
    if (page.optionalText('next') === undefined) return found
  }
}

/** The list is short of addresses and reasons: each is asked for by itself. */
async function nodeGroups(session: Asked, cluster: string): Promise<readonly ClusterNodeGroup[]> {
  const path = `${cluster}/nodegroups`
  const { body } = await session.request(type, 'GET', path, { headers })
  const ids = new Fields(body, `GET ${type} /clusters/{cluster}/nodegroups`).list('nodegroups', (group) =>
    group.text('uuid'),
  )
  const found = ids.map(async (id) => {
    const answer = await session.request(type, 'GET', `${path}/${id}`, { headers, okStatus: [200, 404] })
    if (answer.status === 404) return []
    return [parseNodeGroup(new Fields(answer.body, `GET ${type} /clusters/{cluster}/nodegroups/{nodegroup}`))]
  })
  return (await Promise.all(found)).flat()
}

const newCluster = ({ name, template, labels, ...rest }: NewCluster): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries({
      name,
      cluster_template_id: template,
      node_count: rest.nodeCount,
      master_count: rest.masterCount,
      keypair: rest.keypair,
      flavor_id: rest.flavor,
      master_flavor_id: rest.masterFlavor,
      create_timeout: rest.timeout,
      ...(labels === undefined ? {} : { labels, merge_labels: true }),
    }).filter(([, value]) => value !== undefined),
  )

function parseCluster(cluster: Fields): ContainerCluster {
  return {
    id: cluster.text('uuid'),
    name: cluster.text('name'),
    project: cluster.text('project_id'),
    status: cluster.text('status'),
    reason: cluster.optionalText('status_reason'),
    health: cluster.optionalText('health_status'),
    healthReason: cluster.object('health_status_reason').textMap(),
    templateId: cluster.text('cluster_template_id'),
    masterCount: cluster.number('master_count'),
    nodeCount: cluster.number('node_count'),
    apiAddress: cluster.optionalText('api_address'),
    keypair: cluster.optionalText('keypair'),
    labels: cluster.object('labels').textMap(),
    createdAt: cluster.optionalText('created_at'),
  }
}

function parseNodeGroup(group: Fields): ClusterNodeGroup {
  return {
    id: group.text('uuid'),
    name: group.text('name'),
    role: group.text('role'),
    nodeCount: group.number('node_count'),
    status: group.optionalText('status') ?? '',
    reason: group.optionalText('status_reason'),
    addresses: group.texts('node_addresses'),
  }
}
