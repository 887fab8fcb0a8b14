import { beforeEach, expect, test } from 'vitest'
import { admin, caller, templateId, type World, world } from '../fixture.ts'

let made: World
beforeEach(async () => {
  made = world()
  await made.template({ labels: { kube_tag: 'v1.34.2' } })
  await made.call('POST', '/clusters', { body: { cluster_template_id: templateId, name: 'demo' } })
})

const all = '/clusters/demo/nodegroups'
const create = async (body: unknown, minor = 14) => await made.call('POST', all, { body, minor })
const list = async (query = '') => {
  const { body } = await made.call('GET', `${all}/${query}`)
  return (body['nodegroups'] as readonly Record<string, unknown>[]).map(({ name, status }) => [name, status])
}

test('a group needs a cluster with an address', async () => {
  expect(await create({ name: 'gpu' })).toMatchObject({
    status: 409,
    detail: 'Cluster API address is not available yet',
  })
})

test('made, seen whole at once, changed, and taken away', async () => {
  await made.finish('demo')
  const answer = await create({ name: 'gpu', node_count: 2, role: 'gpu', node_labels: { 'example.com/gpu': 'a100' } })
  expect(answer).toMatchObject({
    status: 202,
    body: {
      name: 'gpu',
      role: 'gpu',
      node_count: 2,
      min_node_count: 0,
      max_node_count: null,
      is_default: false,
      status: 'CREATE_IN_PROGRESS',
      labels: { kube_tag: 'v1.34.2' },
      node_labels: { 'example.com/gpu': 'a100' },
      node_taints: [],
      stack_id: null,
      merge_labels: false,
    },
  })
  expect((await made.call('GET', '/clusters/demo')).body).toMatchObject({ status: 'UPDATE_IN_PROGRESS', node_count: 3 })
  expect(await list()).toEqual([
    ['default-master', 'CREATE_COMPLETE'],
    ['default-worker', 'CREATE_COMPLETE'],
    ['gpu', 'CREATE_IN_PROGRESS'],
  ])
  expect(await list('?role=gpu')).toEqual([['gpu', 'CREATE_IN_PROGRESS']])
  const body = [
    { op: 'replace', path: '/max_node_count', value: 4 },
    { op: 'replace', path: '/node_taints', value: "[{'key': 'gpu', 'effect': 'NoSchedule'}]" },
  ]
  expect(await made.call('PATCH', `${all}/gpu`, { body })).toMatchObject({
    status: 202,
    body: { max_node_count: 4, node_taints: [{ key: 'gpu', effect: 'NoSchedule' }], status: 'CREATE_IN_PROGRESS' },
  })
  await made.finish('demo')
  expect((await made.call('DELETE', `${all}/gpu`)).status).toBe(204)
  expect(await list()).toContainEqual(['gpu', 'DELETE_IN_PROGRESS'])
  await made.finish('demo')
  expect((await made.call('GET', `${all}/gpu`)).status).toBe(404)
})

test('labels of its own that nothing reads are told', async () => {
  await made.finish('demo')
  await create({ name: 'gpu', labels: { colour: 'blue' } })
  expect((await made.call('GET', `${all}/gpu`)).body).toMatchObject({
    labels: { colour: 'blue' },
    labels_skipped: { kube_tag: 'v1.34.2' },
    status_reason: 'Label "colour" is unknown and has no effect.',
  })
})

test('a group that is going goes on going beside what is wished next', async () => {
  await made.finish('demo')
  await create({ name: 'gpu' })
  await made.finish('demo')
  await made.call('DELETE', `${all}/gpu`)
  await made.call('POST', '/clusters/demo/actions/resize', { body: { node_count: 3 } })
  expect(await list()).toEqual([
    ['default-master', 'CREATE_COMPLETE'],
    ['default-worker', 'UPDATE_IN_PROGRESS'],
    ['gpu', 'DELETE_IN_PROGRESS'],
  ])
  expect((await create({ name: 'gpu' })).status).toBe(409)
})

test.each([
  ['without a name', {}, 14, 400],
  ['of masters', { name: 'm', role: 'master' }, 14, 400],
  ['with a taken name', { name: 'default-worker' }, 14, 409],
  ['below its min', { name: 'a', min_node_count: 3 }, 14, 409],
  ['with a taint that is none', { name: 'a', node_taints: [null] }, 14, 409],
  ['before there were any', { name: 'a' }, 8, 406],
])('a group %s', async (_, body, minor, status) => {
  await made.finish('demo')
  expect((await create(body, minor)).status).toBe(status)
})

test.each([
  ['name', 'x'],
  ['node_count', 3],
  ['labels', "{'a': 'b'}"],
])('%s of a group cannot be patched', async (name, value) => {
  await made.finish('demo')
  const answer = await made.call('PATCH', `${all}/default-worker`, {
    body: [{ op: 'replace', path: `/${name}`, value }],
  })
  expect(answer).toMatchObject({ status: 400, detail: `'/${name}' is an internal attribute and can not be updated` })
})

test('removed bounds are the defaults; default groups stay', async () => {
  await made.finish('demo')
  const worker = `${all}/default-worker`
  await made.call('PATCH', worker, { body: [{ op: 'replace', path: '/max_node_count', value: 4 }] })
  const body = [
    { op: 'remove', path: '/max_node_count' },
    { op: 'remove', path: '/min_node_count' },
  ]
  expect((await made.call('PATCH', worker, { body })).body).toMatchObject({ min_node_count: 0, max_node_count: null })
  expect((await made.call('DELETE', worker)).detail).toBe('Deleting a default nodegroup is not supported.')
})

test('the list shows defaults in the place of what it does not show', async () => {
  await made.finish('demo')
  await made.call('PATCH', `${all}/default-worker`, { body: [{ op: 'replace', path: '/max_node_count', value: 4 }] })
  const { body } = await made.call('GET', all)
  const [, worker] = body['nodegroups'] as readonly Record<string, unknown>[]
  expect(worker).toMatchObject({ min_node_count: 0, max_node_count: null, merge_labels: false })
  expect(new Set(Object.keys(worker ?? {}))).toEqual(
    new Set(
      'uuid name flavor_id image_id node_count role is_default status stack_id min_node_count max_node_count merge_labels'.split(
        ' ',
      ),
    ),
  )
  expect((await made.call('GET', `${all}/default-worker`)).body).toHaveProperty('node_labels', {})
})

test('an admin sees groups of others and changes none', async () => {
  await made.finish('demo')
  expect((await made.call('GET', all, { caller: admin })).status).toBe(200)
  expect((await made.call('POST', all, { caller: admin, body: { name: 'a' } })).status).toBe(404)
  expect((await made.call('GET', all, { caller: caller({ projectId: 'other' }) })).status).toBe(404)
})

test('the driver is asked of a group as it would be, and may refuse it', async () => {
  made = world({
    judge: (_, { hypervisor = 'any' }, group) =>
      group === undefined
        ? { warnings: [] }
        : { refusal: `No volumes for ${group.name} on ${hypervisor}.`, warnings: [] },
  })
  await made.template()
  await made.call('POST', '/clusters', { body: { cluster_template_id: templateId, name: 'demo' } })
  await made.finish('demo')
  expect(await create({ name: 'gpu' })).toMatchObject({ status: 400, detail: 'No volumes for gpu on any.' })
})
