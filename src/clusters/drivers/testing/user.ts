/** A user of the API in a trial: the same rules and the same writes as the real one, and as easily killed between two of them. */

import type { SimulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import {
  type Cluster,
  type ClusterSpec,
  type ClusterStore,
  ConflictError,
  claimPlace,
  momentOf,
  type NodeGroup,
  type NodeGroupSpec,
  nodeGroupsOf,
  settle,
  visibleStatus,
} from '../../model/index.ts'
import { checkAllowed, draftCluster, type GuardedKind, Refusal, type Wish, withOperation } from '../../rules/index.ts'

export type UserStep =
  | { readonly act: 'create'; readonly masters: number; readonly workers: number; readonly timeout: number }
  | { readonly act: 'resize'; readonly group: number; readonly count: number; readonly remove: readonly string[] }
  | { readonly act: 'patch'; readonly count: number; readonly rollback: boolean }
  | { readonly act: 'upgrade'; readonly template: string; readonly batch: number }
  | { readonly act: 'rotate'; readonly kind: 'rotate-ca' | 'rotate-credential' }
  | { readonly act: 'add-group'; readonly count: number }
  | { readonly act: 'patch-group'; readonly group: number; readonly min: number }
  | { readonly act: 'drop-group'; readonly group: number }
  | { readonly act: 'report-health' }
  | { readonly act: 'delete' }
  /** By somebody with kubectl, past the API. */
  | { readonly act: 'delete-object' }

export interface User {
  readonly store: ClusterStore
  readonly clock: SimulatedClock
  readonly newId: () => string
}

const projectId = 'project'
const firstTemplate = '11111111-0000-4000-8000-000000000000'

/** Does it, or is refused, as the API would. @param settles whether the API gets as far as writing node groups */
export async function act(user: User, name: string, step: UserStep, settles: boolean): Promise<void> {
  const cluster = user.store.clusters.named(name)[0]
  try {
    if (step.act === 'create') return cluster === undefined ? await create(user, name, step, settles) : undefined
    if (cluster !== undefined) await change(user, cluster, step, settles)
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof ConflictError)) throw error
  }
}

async function create(
  { store, clock, newId }: User,
  name: string,
  { masters, workers, timeout }: Omit<Extract<UserStep, { readonly act: 'create' }>, 'act'>,
  settles: boolean,
): Promise<void> {
  const clusterId = newId()
  const now = (): Date => new Date(clock.now())
  if ((await claimPlace(store, { projectId, clusterId, defaultLimit: 20, now })) !== undefined) return
  // One of the two clusters is healed by itself.
  const labels: Readonly<Record<string, string>> = name === 'a' ? { auto_healing_enabled: 'true' } : {}
  const template = {
    uuid: firstTemplate,
    resourceVersion: '',
    uid: '',
    spec: templateSpecFixture({ labels }),
    status: {},
  }
  const request = {
    name,
    nodeCount: workers,
    masterCount: masters,
    masterLbEnabled: true,
    mergeLabels: false,
    createTimeout: timeout,
    flavorId: 'm',
    masterFlavorId: 'm',
  }
  const ids = { clusterId, projectId, masterGroupId: newId(), workerGroupId: newId() }
  const spec = draftCluster(request, template, {
    ...ids,
    now: now(),
    operationId: newId(),
    userId: 'user',
    requestId: 'r',
  })
  const cluster = await store.clusters.create(clusterId, { ...clusterSpecFixture(), ...spec })
  if (settles) await settle(cluster, store)
}

type Change = Exclude<UserStep, { readonly act: 'create' }>

async function change({ store, clock, newId }: User, cluster: Cluster, step: Change, settles: boolean): Promise<void> {
  if (step.act === 'delete-object') return await store.clusters.delete(cluster)
  if (step.act === 'report-health') {
    const healthReportedAt = momentOf(new Date(clock.now()))
    await store.clusters.setStatus(cluster, { ...cluster.status, healthStatus: 'HEALTHY', healthReportedAt })
    return
  }
  const groups = nodeGroupsOf(cluster, store)
  const wish = wishOf(cluster, groups, step, newId)
  if (wish === undefined) return
  if (wish.kind !== 'delete') checkAllowed(wish.kind as GuardedKind, visibleStatus(cluster))
  const by = { now: new Date(clock.now()), operationId: newId(), userId: 'user', requestId: 'r' }
  const written = await store.clusters.replace(cluster, { ...withOperation(cluster, groups, wish, by), ...wish.spec })
  if (settles) await settle(written, store)
}

interface ChangeWish extends Wish {
  readonly spec?: Partial<ClusterSpec>
}

type Wishing = Exclude<Change, { readonly act: 'delete-object' | 'report-health' }>

function wishOf(
  cluster: Cluster,
  groups: readonly NodeGroup[],
  step: Wishing,
  newId: () => string,
): ChangeWish | undefined {
  const changed = (group: NodeGroup | undefined, changes: Partial<NodeGroupSpec>): Wish['nodeGroups'] =>
    group === undefined ? [] : [{ uuid: group.uuid, spec: { ...group.spec, ...changes } }]
  const workers = groups.filter(({ spec }) => spec.role !== 'master')
  const others = groups.filter(({ spec }) => !spec.isDefault)
  switch (step.act) {
    case 'delete':
      return { kind: 'delete', nodeGroups: [] }
    case 'resize': {
      const group = workers[step.group % Math.max(1, workers.length)]
      const nodesToRemove = [...new Set([...(group?.spec.nodesToRemove ?? []), ...step.remove])]
      return { kind: 'resize', nodeGroups: changed(group, { nodeCount: step.count, nodesToRemove }) }
    }
    case 'patch': {
      const group = workers.find(({ spec }) => spec.isDefault)
      return { kind: 'update', nodeGroups: changed(group, { nodeCount: step.count }), rollback: step.rollback }
    }
    case 'upgrade': {
      const moved = groups.flatMap((group) => changed(group, { templateId: step.template }))
      return { kind: 'upgrade', nodeGroups: moved, maxBatchSize: step.batch, spec: { templateId: step.template } }
    }
    case 'rotate':
      return { kind: step.kind, nodeGroups: [] }
    case 'add-group': {
      const uuid = newId()
      const name = `group-${uuid.slice(-4)}`
      const own = { name, clusterId: cluster.uuid, projectId, isDefault: false, nodeCount: step.count }
      const spec = nodeGroupSpecFixture({ ...own, templateId: cluster.spec.templateId })
      return { kind: 'nodegroup-create', nodeGroups: [{ uuid, spec }] }
    }
    case 'patch-group':
      return {
        kind: 'nodegroup-update',
        nodeGroups: changed(groups[step.group % groups.length], { minNodeCount: step.min }),
      }
    case 'drop-group': {
      const group = others[step.group % Math.max(1, others.length)]
      return group === undefined ? undefined : { kind: 'nodegroup-delete', nodeGroups: [{ uuid: group.uuid }] }
    }
  }
}
