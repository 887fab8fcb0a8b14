import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { admin, caller, templateId, type World, world } from '../fixture.ts'
import { ApiError } from '../route.ts'

const newer = '20000000-0000-4000-8000-000000000001'
let made: World
beforeEach(async () => {
  made = await ready()
})

async function ready(changes: Parameters<typeof world>[0] = {}): Promise<World> {
  const fresh = world(changes)
  await fresh.template({ labels: { kube_tag: 'v1.33.1' } })
  await fresh.template({ name: 'newer', labels: { kube_tag: 'v1.34.0' }, imageId: 'newer' }, newer)
  await fresh.call('POST', '/clusters', { body: { cluster_template_id: templateId, name: 'demo', node_count: 2 } })
  await fresh.finish('demo')
  return fresh
}

const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]
const patch = async (body: unknown, minor = 14, query = '') =>
  await made.call('PATCH', `/clusters/demo${query}`, { body, minor })
const resize = async (body: unknown, minor = 14) =>
  await made.call('POST', '/clusters/demo/actions/resize', { body, minor })
const upgrade = async (body: unknown, minor = 14) =>
  await made.call('POST', '/clusters/demo/actions/upgrade', { body, minor })
const show = async () => (await made.call('GET', '/clusters/demo')).body
const group = async (name: string) => (await made.call('GET', `/clusters/demo/nodegroups/${name}`)).body

test('a node count is that of the default workers, and stands at once', async () => {
  expect((await patch(replace('/node_count', 5))).status).toBe(202)
  expect(await show()).toMatchObject({ node_count: 5, status: 'UPDATE_IN_PROGRESS' })
  expect(await group('default-worker')).toMatchObject({ node_count: 5, status: 'UPDATE_IN_PROGRESS' })
  expect(await group('default-master')).toMatchObject({ node_count: 1, status: 'CREATE_COMPLETE' })
  expect(made.events.at(-1)).toMatchObject({ eventType: 'magnum.cluster.update', payload: { outcome: 'pending' } })
})

test('removed, it is one; empty, nothing happens', async () => {
  await patch([])
  expect(await show()).toMatchObject({ node_count: 2, status: 'CREATE_COMPLETE' })
  await patch([{ op: 'remove', path: '/node_count' }])
  expect(await show()).toMatchObject({ node_count: 1 })
})

test('rollback is taken from 1.3 on', async () => {
  expect((await patch(replace('/node_count', 3), 2, '?rollback=True')).status).toBe(400)
  expect((await patch(replace('/node_count', 3), 3, '?rollback=True')).status).toBe(202)
  expect(made.services.store.clusters.named('demo')[0]?.spec.operation).toMatchObject({
    rollback: true,
    nodeGroups: [{ spec: { nodeCount: 3 }, before: { nodeCount: 2 } }],
  })
})

test.each([
  [replace('/name', 'other'), 'cannot change cluster property(ies) name.'],
  [replace('/node_count', '3'), 'Invalid input for field/attribute node_count.'],
  [replace('/node_count', -1), 'Value should be greater or equal to 0'],
  [replace('/uuid', newer), "'/uuid' is an internal attribute and can not be updated"],
  [replace('/stack_id', 'x'), "'/stack_id' is an internal attribute and can not be updated"],
  [[{ op: 'add', path: '/labels/a', value: 'b' }], 'cannot change cluster property(ies) labels.'],
  [replace('/health_status', 'ILL'), 'Value should be one of: HEALTHY, UNHEALTHY, UNKNOWN'],
  [{ node_count: 3 }, ''],
])('%j is refused', async (body, detail) => {
  const answer = await patch(body)
  expect([answer.status, answer.detail]).toEqual([400, expect.stringContaining(detail)])
  expect(await show()).toMatchObject({ status: 'CREATE_COMPLETE', node_count: 2 })
})

test('a patch that is none is one, also of a cluster that is not there', async () => {
  expect((await made.call('PATCH', '/clusters/none', { body: {} })).status).toBe(400)
  expect((await made.call('PATCH', '/clusters/none', { body: [] })).status).toBe(404)
})

test('health is noted as the auto-healer sends it, also while something goes on, and changes no status', async () => {
  await patch(replace('/node_count', 3))
  const body = [
    ...replace('/health_status', 'UNHEALTHY'),
    ...replace('/health_status_reason', "{'api': 'ok', 'n.Ready': 'False'}"),
  ]
  expect((await patch(body)).status).toBe(202)
  expect(await show()).toMatchObject({
    status: 'UPDATE_IN_PROGRESS',
    health_status: 'UNHEALTHY',
    health_status_reason: { api: 'ok', 'n.Ready': 'False' },
  })
  expect(made.services.store.clusters.named('demo')[0]?.status.healthReportedAt).toBeDefined()
})

test('what may not begin now is said, not dropped', async () => {
  await patch(replace('/node_count', 3))
  expect(await patch(replace('/node_count', 4))).toMatchObject({
    status: 400,
    detail: 'Updating a cluster when status is "UPDATE_IN_PROGRESS" is not supported. Wait until it is done.',
  })
  expect(made.events.at(-1)).toMatchObject({ priority: 'ERROR', payload: { outcome: 'failure' } })
  expect((await upgrade({ cluster_template: newer })).status).toBe(400)
  expect((await resize({ node_count: 4 })).status).toBe(202)
  await made.finish('demo', { status: 'UPDATE_FAILED' })
  expect((await upgrade({ cluster_template: newer })).status).toBe(202)
})

test('resizing names nodes, and the same count replaces them', async () => {
  expect((await resize({ node_count: 2, nodes_to_remove: ['server-1'] })).status).toBe(202)
  expect(made.services.store.nodeGroups.all().find(({ spec }) => spec.role === 'worker')?.spec).toMatchObject({
    nodeCount: 2,
    nodesToRemove: ['server-1'],
  })
  expect((await resize({ node_count: 0 }, 9)).detail).toContain('to zero is not supported')
  expect((await resize({ node_count: 0 }, 10)).status).toBe(202)
  expect((await resize({ node_count: 1 }, 6)).status).toBe(406)
  expect((await resize({}, 14)).detail).toContain('Mandatory field missing.')
  expect((await resize({ node_count: null }, 14)).detail).toContain('Mandatory field missing.')
  expect(await resize({ node_count: 1, nodegroup: 'none' })).toMatchObject({
    status: 404,
    detail: 'Nodegroup none could not be found.',
  })
})

test('an upgrade takes the template over', async () => {
  expect(await upgrade({ cluster_template: 'newer', max_batch_size: 2 })).toMatchObject({ status: 202 })
  expect(await show()).toMatchObject({
    cluster_template_id: newer,
    labels: { kube_tag: 'v1.34.0' },
    status: 'UPDATE_IN_PROGRESS',
  })
  expect(await group('default-master')).toMatchObject({
    image_id: 'newer',
    labels: { kube_tag: 'v1.34.0' },
    status: 'UPDATE_IN_PROGRESS',
  })
  expect(made.services.store.clusters.named('demo')[0]?.spec.operation.maxBatchSize).toBe(2)
})

test.each([
  [{}, 8, 400, 'cluster_template is missing'],
  [{ cluster_template: 'newer' }, 7, 400, 'not supported in the provided microversion'],
  [{ cluster_template: 'newer' }, 6, 406, ''],
  [{ cluster_template: 'none' }, 14, 404, 'ClusterTemplate none could not be found.'],
  [{ cluster_template: 'newer', nodegroup: 'none' }, 14, 404, 'Nodegroup none could not be found.'],
  [{ cluster_template: 'newer', max_batch_size: 0 }, 14, 400, 'greater or equal to 1'],
])('an upgrade by %j at 1.%s is answered %s', async (body, minor, status, detail) => {
  const answer = await upgrade(body, minor)
  expect([answer.status, answer.detail]).toEqual([status, expect.stringContaining(detail)])
})

test('an upgrade that cannot work does not begin', async () => {
  await made.template({ name: 'newest', labels: { kube_tag: 'v1.36.0' } }, '20000000-0000-4000-8000-000000000002')
  expect(await upgrade({ cluster_template: 'newest' })).toMatchObject({
    status: 409,
    detail: expect.stringContaining('so v1.33 or v1.34 is allowed') as string,
  })
  expect(await show()).toMatchObject({ status: 'CREATE_COMPLETE' })
})

test('the driver is asked of a cluster as the upgrade would have it: it may refuse, and what it warns of replaces what was told', async () => {
  made = await ready({
    judge: ({ template, labels }) =>
      template.dockerStorageDriver === 'other'
        ? { refusal: 'Not with this driver.', warnings: [] }
        : { warnings: [`It is ${labels['kube_tag']}.`] },
  })
  await made.template(
    { name: 'open', dockerStorageDriver: 'other', labels: { kube_tag: 'v1.34.0' } },
    '20000000-0000-4000-8000-000000000002',
  )
  expect((await show())['status_reason']).toBe('It is v1.33.1.')
  expect(await upgrade({ cluster_template: 'open' })).toMatchObject({ status: 400, detail: 'Not with this driver.' })
  expect((await upgrade({ cluster_template: 'newer' })).status).toBe(202)
  expect((await show())['status_reason']).toBe('It is v1.34.0.')
})

test('a cluster is deleted from every status, once, and is gone when it is let go', async () => {
  for (const status of ['CREATE_FAILED', 'UPDATE_IN_PROGRESS', 'DELETE_FAILED'] as const) {
    const fresh = await ready()
    if (status === 'UPDATE_IN_PROGRESS')
      await fresh.call('POST', '/clusters/demo/actions/resize', { body: { node_count: 4 } })
    else await fresh.finish('demo', { status })
    expect(await fresh.call('DELETE', '/clusters/demo')).toMatchObject({ status: 204, body: {} })
    expect((await fresh.call('GET', '/clusters/demo')).body).toMatchObject({ status: 'DELETE_IN_PROGRESS' })
    const [cluster] = fresh.services.store.clusters.named('demo')
    expect((await fresh.call('DELETE', '/clusters/demo')).status).toBe(204)
    expect(fresh.services.store.clusters.named('demo')).toEqual([cluster])
    expect((await fresh.call('POST', '/clusters/demo/actions/resize', { body: { node_count: 4 } })).status).toBe(400)
    if (cluster !== undefined) await fresh.services.store.clusters.letGo(cluster)
    expect((await fresh.call('GET', '/clusters/demo')).status).toBe(404)
  }
})

test('an admin changes clusters of others, but does not resize them', async () => {
  const by = { caller: admin }
  expect((await made.call('PATCH', '/clusters/demo', { ...by, body: replace('/node_count', 3) })).status).toBe(202)
  expect((await made.call('POST', '/clusters/demo/actions/resize', { ...by, body: { node_count: 3 } })).status).toBe(
    404,
  )
  expect((await made.call('DELETE', '/clusters/demo', by)).status).toBe(204)
})

test('readers read, and strangers see nothing', async () => {
  const reader = { caller: caller({ roles: ['reader'] }) }
  const stranger = { caller: caller({ projectId: 'stranger' }) }
  expect((await made.call('GET', '/clusters/demo', reader)).status).toBe(200)
  expect((await made.call('DELETE', '/clusters/demo', reader)).status).toBe(403)
  expect((await made.call('PATCH', '/clusters/demo', { ...reader, body: [] })).status).toBe(403)
  expect((await made.call('DELETE', '/clusters/demo', stranger)).status).toBe(404)
  expect((await made.call('PATCH', '/clusters/demo', { ...stranger, body: [] })).status).toBe(404)
})

test('of changes at once exactly one wins', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 10 }), async (many) => {
      made = await ready()
      const answers = await Promise.all(
        Array.from({ length: many }, async (_, index) => await patch(replace('/node_count', 10 + index))),
      )
      const statuses = answers.map(({ status }) => status)
      expect(statuses.toSorted()).toEqual([202, ...Array.from({ length: many - 1 }, () => 400)])
      expect((await show())['node_count']).toBe(10 + statuses.indexOf(202))
    }),
    { numRuns: 10 },
  )
})

test('who meets the reconciler again and again gets through; who loses to two wishes is told', async () => {
  const { store } = made.services
  const write = store.clusters.replace.bind(store.clusters)
  let looks = 0
  store.clusters.replace = async (read, spec) => {
    if (looks++ < 5) await store.clusters.setStatus(read, { ...read.status, progress: `step ${looks}` })
    return await write(read, spec)
  }
  expect((await resize({ node_count: 4 })).status).toBe(202)
  store.clusters.replace = async (read, spec) => {
    const operation = { ...read.spec.operation, id: crypto.randomUUID() }
    await write(read, { ...read.spec, operation })
    return await write(read, spec)
  }
  expect(await resize({ node_count: 5 })).toMatchObject({
    status: 409,
    detail: expect.stringContaining('Cluster demo was changed by another request') as string,
  })
})

test('an upgrade to an image that is gone does not begin', async () => {
  const find = async () => await Promise.reject(new ApiError(400, 'Image newer could not be found.'))
  Object.assign(made.services, { lookups: { find } })
  expect((await upgrade({ cluster_template: 'newer' })).detail).toBe('Image newer could not be found.')
  expect(await show()).toMatchObject({ status: 'CREATE_COMPLETE' })
})

test('whoever asked last and was told 202 has it, and an API that was killed before its second write has not halved it', async () => {
  await Promise.all([5, 6, 7].map(async (count) => await resize({ node_count: count })))
  const { store } = made.services
  const [cluster] = store.clusters.named('demo')
  const wished = cluster?.spec.operation.nodeGroups[0]?.spec?.nodeCount
  expect((await show())['node_count']).toBe(wished)
  const { replace: write } = store.nodeGroups
  store.nodeGroups.replace = async () => await Promise.reject(new Error('killed'))
  expect((await resize({ node_count: 9 })).status).toBe(202)
  expect(await show()).toMatchObject({ node_count: 9 })
  store.nodeGroups.replace = write
  expect((await resize({ node_count: 8, nodes_to_remove: ['x'] })).status).toBe(202)
  expect(store.nodeGroups.all().map(({ spec }) => spec.nodeCount)).toContain(8)
})
