import { beforeEach, expect, test } from 'vitest'
import { templateId, type World, world } from '../fixture.ts'

let made: World
beforeEach(async () => {
  made = world()
  await made.template({ keypairId: 'key' })
})

const body = { baymodel_id: templateId, name: 'bay', bay_create_timeout: 15 }
const create = async (minor: number, changes: object = {}) =>
  await made.call('POST', '/bays', { body: { ...body, ...changes }, minor })

test('at 1.1 a bay comes whole, with its place; later by its UUID', async () => {
  const first = await create(1)
  const uuid = String(first.body['uuid'])
  expect(first).toMatchObject({
    status: 201,
    headers: { location: `http://magnum/v1/bays/${uuid}` },
    body: { name: 'bay', baymodel_id: templateId, bay_create_timeout: 15, node_count: 1, status: 'CREATE_IN_PROGRESS' },
  })
  for (const name of [
    'keypair',
    'health_status',
    'project_id',
    'cluster_template_id',
    'create_timeout',
    'labels_added',
  ]) {
    expect(first.body).not.toHaveProperty(name)
  }
  expect(await create(2, { name: 'second' })).toMatchObject({
    status: 202,
    body: { uuid: expect.any(String) as string },
  })
  expect(made.services.store.clusters.get(uuid)?.spec).toMatchObject({ keypair: 'key', createTimeout: 15 })
})

test('a bay has nodes, and one above 1.10 is none', async () => {
  expect((await create(10, { node_count: 0 })).status).toBe(400)
  expect((await create(11)).status).toBe(406)
})

test('listed, shown, changed and deleted as a bay', async () => {
  await create(1)
  await made.finish('bay')
  const { body: listed } = await made.call('GET', '/bays', { minor: 1 })
  expect(listed['bays']).toMatchObject([
    { name: 'bay', baymodel_id: templateId, stack_id: 'stack', links: [{ rel: 'self' }, {}] },
  ])
  expect((await made.call('GET', '/bays/detail', { minor: 1 })).body['bays']).toMatchObject([
    { api_address: 'https://10.0.0.1:6443' },
  ])
  const patch = [{ op: 'replace', path: '/node_count', value: 3 }]
  expect(await made.call('PATCH', '/bays/bay', { body: patch, minor: 1 })).toMatchObject({
    status: 200,
    body: { node_count: 3, status: 'UPDATE_IN_PROGRESS' },
  })
  await made.finish('bay', { status: 'UPDATE_FAILED', faults: { a: 'b' } })
  expect((await made.call('GET', '/bays/bay', { minor: 1 })).body).toMatchObject({ bay_faults: { a: 'b' } })
  expect(
    (
      await made.call('PATCH', '/bays/bay', {
        body: [{ op: 'replace', path: '/bay_create_timeout', value: 5 }],
        minor: 2,
      })
    ).detail,
  ).toContain('cannot change cluster property(ies) bay_create_timeout')
  expect((await made.call('DELETE', '/bays/bay', { minor: 1 })).status).toBe(204)
})

test('without a name it gets one of a bay', async () => {
  await create(2, { name: undefined })
  expect((await made.call('GET', '/bays/alpha-1-bay', { minor: 2 })).status).toBe(200)
})
