/** The reconciler on a real API server: two replicas with the real store, Lease, certificates and Events; the null driver pretends. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCertificates } from '../../src/clusters/certificates/index.ts'
import { systemClock } from '../../src/clusters/clock/index.ts'
import { createImaginaryDriver, createRegistry, imaginaryCloudInSecrets } from '../../src/clusters/drivers/index.ts'
import {
  type ClusterStore,
  ConflictError,
  claimPlace,
  quotaUuid,
  visibleStatus,
} from '../../src/clusters/model/index.ts'
import { createEventTeller, kubeLease, runReconciler } from '../../src/clusters/reconcile/index.ts'
import { withOperation } from '../../src/clusters/rules/index.ts'
import { openClusterStore } from '../../src/clusters/store/index.ts'
import { createKube } from '../../src/kube/index.ts'
import { openTestCluster, type TestCluster } from './cluster.ts'
import { applyDefinitions, clusterSpec, nodeGroupSpec } from './clusters.ts'

let cluster: TestCluster
const namespace = 'clusters'

beforeAll(async () => {
  cluster = await openTestCluster()
  await applyDefinitions(cluster.kube)
  await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})
afterAll(async () => await cluster?.close())

interface Replica {
  readonly store: ClusterStore
  readonly leads: () => boolean
  stop(): Promise<void>
}

async function startReplica(identity: string): Promise<Replica> {
  const kube = createKube(cluster.server.access, { retrySeconds: 30 })
  const [reading, working] = [new AbortController(), new AbortController()]
  const now = () => new Date()
  const store = openClusterStore({ kube, namespace, replica: identity, now, signal: reading.signal })
  await store.synced
  const clock = systemClock
  const cloud = imaginaryCloudInSecrets(store)
  const driver = createImaginaryDriver({ cloud, clock, newId: randomUUID })
  const events = createEventTeller({ kube, namespace, clock, newId: randomUUID, instance: identity })
  let leads = false
  const running = runReconciler(
    {
      clock,
      store,
      random: Math.random,
      newId: randomUUID,
      drivers: createRegistry([driver], { imaginary: true }),
      certificates: createCertificates({ store, now }),
      tell: events.story,
      defaultLimit: 20,
      election: {
        lease: kubeLease(kube, { namespace, name: 'croque-clusters' }),
        identity,
        onChange: (leading) => {
          leads = leading
        },
      },
      onFailure: () => undefined,
    },
    working.signal,
  )
  return {
    store,
    leads: () => leads,
    stop: async () => {
      working.abort()
      await running
      await events.drained()
      reading.abort()
      kube.close()
    },
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20)
}

/** As the API does it: whoever meets the reconciler, which writes statuses at any moment, reads anew. */
async function wish(store: ClusterStore, id: string, workers: number): Promise<void> {
  await until(async () => {
    await store.fresh()
    const found = store.clusters.get(id)
    const group = store.nodeGroups.ofCluster(id).find(({ spec }) => spec.role === 'worker')
    if (found === undefined || group === undefined) throw new Error('The cluster is not there')
    const changes = {
      kind: 'resize',
      nodeGroups: [{ uuid: group.uuid, spec: { ...group.spec, nodeCount: workers } }],
    } as const
    const by = { now: new Date(), operationId: randomUUID(), userId: 'u', requestId: 'r' }
    const spec = withOperation(found, store.nodeGroups.ofCluster(id), changes, by)
    return await store.clusters.replace(found, spec).then(() => true, unlessMet)
  })
}

function unlessMet(error: unknown): false {
  if (error instanceof ConflictError) return false
  throw error
}

test('a cluster comes, changes and goes, though leaders and the API server come and go', async () => {
  const replicas = [await startReplica('one'), await startReplica('two')] as const
  const [{ store }] = replicas
  const id = randomUUID()
  const statusIs = (expected: string) => async () => {
    await store.fresh()
    const found = store.clusters.get(id)
    return found !== undefined && visibleStatus(found) === expected
  }
  const createdAt = new Date().toISOString().replace('Z', '000Z')
  const base = clusterSpec()
  await claimPlace(store, { projectId: base.projectId, clusterId: id, defaultLimit: 20, now: () => new Date() })
  const group = (name: string, role: string, nodeCount: number) => ({
    uuid: randomUUID(),
    spec: nodeGroupSpec({
      name,
      role,
      nodeCount,
      clusterId: id,
      projectId: base.projectId,
      createdAt,
      isDefault: true,
    }),
  })
  const nodeGroups = [group('default-master', 'master', 1), group('default-worker', 'worker', 2)]
  const operation = { ...base.operation, id: randomUUID(), kind: 'create' as const, startedAt: createdAt, nodeGroups }
  const { driver: _, ...template } = base.template
  await store.clusters.create(id, { ...base, createdAt, template, operation })

  await until(statusIs('CREATE_COMPLETE'))
  expect(store.clusters.get(id)?.status.apiAddress).toBe(`https://${id}.invalid:6443`)

  // A leader that is stopped hands over at once.
  const leader = replicas.find(({ leads }) => leads())
  const other = replicas.find(({ leads }) => !leads())
  if (leader === undefined || other === undefined) throw new Error('Nobody leads')
  const working = other.store
  await leader.stop()
  await until(other.leads)
  await wish(working, id, 4)
  const complete = async () => {
    await working.fresh()
    const found = working.clusters.get(id)
    return found !== undefined && visibleStatus(found) === 'UPDATE_COMPLETE'
  }
  await until(complete)
  const workers = working.nodeGroups.ofCluster(id).find(({ spec }) => spec.role === 'worker')
  expect(workers?.status).toMatchObject({ status: 'UPDATE_COMPLETE' })
  expect(workers?.status.nodeAddresses).toHaveLength(4)

  // An API server that is killed comes back to the same leader, or to a new term of it.
  await cluster.server.restart()
  await wish(working, id, 1)
  await until(complete)
  expect(working.nodeGroups.ofCluster(id).map(({ status }) => status.nodeAddresses?.length)).toEqual([1, 1])

  await until(async () => {
    await working.fresh()
    const found = working.clusters.get(id)
    if (found === undefined) throw new Error('The cluster is not there')
    return await working.clusters.delete(found).then(() => true, unlessMet)
  })
  await until(async () => {
    await working.fresh()
    return working.clusters.get(id) === undefined
  })
  expect(working.nodeGroups.ofCluster(id)).toEqual([])
  await until(() => working.quotas.get(quotaUuid(base.projectId, 'Cluster'))?.spec.claims[id] === undefined)
  await other.stop()

  const { items } = await cluster.kube.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event' }, { namespace })
  const reasons = items.map((event) => event['reason'])
  for (const reason of ['CreateBegan', 'CreateSucceeded', 'ResizeSucceeded', 'DeleteBegan', 'DeleteSucceeded'])
    expect(reasons).toContain(reason)
  const lease = await cluster.kube.get({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace,
    name: 'croque-clusters',
  })
  expect(lease?.['spec']).toMatchObject({ holderIdentity: '' })
  expect(await imaginaryCloudInSecrets(working).read(id)).toBeUndefined()
})
