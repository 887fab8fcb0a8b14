import { expect, test } from 'vitest'
import { made } from './fixture.ts'
import { checkDeletable, draftNodeGroup, type NodeGroupRequest, patchedNodeGroup, Refusal, resized } from './index.ts'

const request = (changes: Partial<NodeGroupRequest> = {}): NodeGroupRequest => ({
  name: 'extra',
  nodeCount: 1,
  minNodeCount: 0,
  role: 'worker',
  mergeLabels: false,
  ...changes,
})

function answer(work: () => unknown): readonly [number, string] | 'ok' {
  try {
    work()
    return 'ok'
  } catch (error) {
    if (error instanceof Refusal) return [error.status, error.message]
    throw error
  }
}

test('what the request does not say is the cluster', () => {
  const { cluster, groups } = made({ flavorId: 'big', labels: { kube_tag: 'v1' } })
  expect(draftNodeGroup(request(), cluster, groups)).toMatchObject({
    flavorId: 'big',
    imageId: 'debian-13',
    labels: { kube_tag: 'v1' },
    isDefault: false,
    templateId: cluster.spec.templateId,
  })
  expect(draftNodeGroup(request({ labels: { a: '1' } }), cluster, groups).labels).toEqual({ a: '1' })
  expect(draftNodeGroup(request({ labels: {} }), cluster, groups).labels).toEqual({})
  expect(draftNodeGroup(request({ labels: { a: '1' }, mergeLabels: true }), cluster, groups).labels).toEqual({
    kube_tag: 'v1',
    a: '1',
  })
})

test.each<[string, Partial<NodeGroupRequest>, number | 'ok', string?]>([
  ['a free role', { role: 'gpu' }, 'ok'],
  ['the role of masters', { role: 'master' }, 400, 'Creating master nodegroups is currently not supported.'],
  [
    'a taken name',
    { name: 'default-worker' },
    409,
    'A node group with name default-worker already exists in the cluster demo.',
  ],
  [
    'more than max',
    { nodeCount: 3, maxNodeCount: 2 },
    409,
    'node_count (3) should be less or equal to max_node_count (2)',
  ],
  ['min over max', { minNodeCount: 3, nodeCount: 3, maxNodeCount: 2 }, 409, 'min_node_count (3) should be less'],
  [
    'less than min',
    { nodeCount: 1, minNodeCount: 2 },
    409,
    'min_node_count (2) should be less or equal to node_count (1)',
  ],
  ['max 0 for no bound', { nodeCount: 3, maxNodeCount: 0 }, 'ok'],
  ['a label of its own', { nodeLabels: { 'example.com/a': 'b', plain: 'c' } }, 'ok'],
  [
    'a label that kubelets may set',
    { nodeLabels: { 'topology.kubernetes.io/zone': 'a', 'node.kubernetes.io/x': 'y' } },
    'ok',
  ],
  ['a restricted label', { nodeLabels: { 'node-role.kubernetes.io/gpu': '' } }, 409, 'restricted Kubernetes namespace'],
  ['a restricted label of k8s.io', { nodeLabels: { 'k8s.io/x': '' } }, 409, 'restricted Kubernetes namespace'],
  ['a label that only looks restricted', { nodeLabels: { 'mykubernetes.io/x': '' } }, 'ok'],
  ['a taint', { nodeTaints: [{ key: 'gpu', value: 'x', effect: 'NoSchedule' }] }, 'ok'],
  ['a taint without key', { nodeTaints: [{ effect: 'NoSchedule' }] }, 409, 'node_taints[0].key is required'],
  [
    'a taint with an odd effect',
    { nodeTaints: [{ key: 'a', effect: 'Never' }] },
    409,
    'effect must be one of NoSchedule, PreferNoSchedule, NoExecute',
  ],
  [
    'a taint with more',
    { nodeTaints: [{ key: 'a', effect: 'NoExecute', colour: 'x' }] },
    409,
    'unrecognised field(s) colour',
  ],
  ['a taint that is none', { nodeTaints: ['gpu'] }, 409, 'must be an object'],
])('%s', (_, changes, status, message) => {
  const { cluster, groups } = made()
  const got = answer(() => draftNodeGroup(request(changes), cluster, groups))
  if (got === 'ok') expect(status).toBe('ok')
  else expect([got[0], got[1]]).toEqual([status, expect.stringContaining(message ?? '?')])
})

test('without a name it says how to say one; without an API address it waits', () => {
  const { cluster, groups } = made()
  const { name: _, ...unnamed } = request()
  expect(answer(() => draftNodeGroup(unnamed, cluster, groups))).toEqual([
    400,
    expect.stringContaining('openstack coe nodegroup create'),
  ])
  expect(answer(() => draftNodeGroup(request(), { ...cluster, status: {} }, groups))).toEqual([
    409,
    'Cluster API address is not available yet',
  ])
})

test('a patch sets bounds, labels and taints, and the default groups cannot go', () => {
  const { groups } = made()
  const [master, worker] = groups
  if (master === undefined || worker === undefined) throw new Error('no groups')
  const patch = { minNodeCount: 1, maxNodeCount: 4, nodeLabels: { a: 'b' }, nodeTaints: [] }
  expect(patchedNodeGroup(worker, patch)).toMatchObject({ minNodeCount: 1, maxNodeCount: 4, nodeLabels: { a: 'b' } })
  expect(patchedNodeGroup(worker, { minNodeCount: 0, nodeLabels: {}, nodeTaints: [] })).not.toHaveProperty(
    'maxNodeCount',
  )
  expect(answer(() => patchedNodeGroup(master, patch))).toEqual([
    409,
    expect.stringContaining('may not be set on master nodegroups'),
  ])
  expect(answer(() => checkDeletable(worker))).toEqual([400, 'Deleting a default nodegroup is not supported.'])
})

test('resizing keeps within bounds, adds to what has to go, and asks of masters what creating does', () => {
  const { cluster, groups } = made({ labels: { min_node_count: '1' }, nodeCount: 2 })
  const [master, worker] = groups
  if (master === undefined || worker === undefined) throw new Error('no groups')
  const going = { ...worker, spec: { ...worker.spec, maxNodeCount: 3, nodesToRemove: ['a'] } }
  const to = (nodeCount: number, nodesToRemove: readonly string[] = []) =>
    answer(() => resized(cluster, going, { nodeCount, nodesToRemove }))
  expect(resized(cluster, going, { nodeCount: 2, nodesToRemove: ['b', 'a'] })).toMatchObject({
    nodeCount: 2,
    nodesToRemove: ['a', 'b'],
  })
  expect([to(0), to(1), to(3), to(4)]).toEqual([
    [400, 'Resizing default-worker outside the allowed range: min_node_count = 1, max_node_count = 3'],
    'ok',
    'ok',
    [400, expect.stringContaining('outside the allowed range')],
  ])
  expect(answer(() => resized(cluster, master, { nodeCount: 2, nodesToRemove: [] }))).toEqual([
    400,
    expect.stringContaining('even'),
  ])
  expect(answer(() => resized(cluster, master, { nodeCount: 3, nodesToRemove: [] }))).toEqual([
    400,
    expect.stringContaining('master_lb_enabled'),
  ])
})
