import { beforeEach, expect, test } from 'vitest'
import { admin, caller, templateId, type World, world } from '../fixture.ts'

let made: World
beforeEach(async () => {
  made = world()
  await made.template({ public: true })
  for (const name of ['one', 'two', 'three']) await create(name)
  await create('other', caller({ projectId: 'other' }))
})

async function create(name: string, by = caller()): Promise<string> {
  const { body } = await made.call('POST', '/clusters', { body: { cluster_template_id: templateId, name }, caller: by })
  return String(body['uuid'])
}

async function names(path: string, by = caller()): Promise<unknown> {
  const { body, status, detail } = await made.call('GET', path, { caller: by })
  const clusters = body['clusters'] as readonly { readonly name: string }[] | undefined
  return clusters?.map(({ name }) => name) ?? [status, detail]
}

test('a project sees its own, an admin all', async () => {
  expect(await names('/clusters')).toEqual(['one', 'two', 'three'])
  expect(await names('/clusters/detail')).toEqual(['one', 'two', 'three'])
  expect(await names('/clusters', admin)).toEqual(['one', 'two', 'three', 'other'])
  expect((await made.call('GET', '/clusters/other')).status).toBe(404)
  expect((await made.call('GET', '/clusters/other', { caller: admin })).status).toBe(200)
})

test('pages', async () => {
  const first = await made.call('GET', '/clusters/?limit=2&sort_key=name')
  expect(await names('/clusters/?limit=2&sort_key=name')).toEqual(['one', 'three'])
  const next = new URL(String(first.body['next']))
  expect(next.searchParams.get('sort_key')).toBe('name')
  expect(await names(`/clusters${next.search}`)).toEqual(['two'])
  expect(await names('/clusters?sort_dir=desc')).toEqual(['three', 'two', 'one'])
  expect(await names('/clusters?sort_key=colour')).toMatchObject([400, expect.stringContaining('sort_key')])
  expect(await names(`/clusters?marker=${templateId}`)).toEqual([404, `Cluster ${templateId} could not be found.`])
  expect(await names('/clusters?limit=0')).toEqual([400, 'Limit must be positive'])
  expect(await names('/clusters?colour=blue')).toEqual([400, 'Unknown argument: "colour"'])
})

test('a short list has its fields only, and the defaults that are no facts', async () => {
  const { body } = await made.call('GET', '/clusters?limit=1', { minor: 12 })
  const [cluster] = body['clusters'] as readonly Record<string, unknown>[]
  expect(new Set(Object.keys(cluster ?? {}))).toEqual(
    new Set(
      'uuid name cluster_template_id keypair docker_volume_size labels node_count status master_flavor_id flavor_id create_timeout master_count health_status stack_id links merge_labels'.split(
        ' ',
      ),
    ),
  )
})

test('stack_id is cluster_id from 1.13 on', async () => {
  await made.finish('one')
  const at = async (minor: number) => (await made.call('GET', '/clusters/one', { minor })).body
  expect([(await at(12))['stack_id'], (await at(12))['cluster_id']]).toEqual(['stack', undefined])
  expect([(await at(13))['stack_id'], (await at(13))['cluster_id']]).toEqual([undefined, 'stack'])
})

test('faults stand in one cluster that failed, and nowhere else', async () => {
  await made.finish('one', { status: 'CREATE_FAILED', faults: { api_lb: 'Octavia said no.' } })
  expect((await made.call('GET', '/clusters/one')).body).toMatchObject({ faults: { api_lb: 'Octavia said no.' } })
  const { body } = await made.call('GET', '/clusters/detail')
  expect(JSON.stringify(body)).not.toContain('Octavia')
})

test('two of one name are told apart by UUID only', async () => {
  const uuid = await create('one')
  expect(await made.call('GET', '/clusters/one')).toMatchObject({
    status: 409,
    detail: 'Multiple clusters exist with same name. Please use the cluster uuid instead.',
  })
  expect((await made.call('GET', `/clusters/${uuid}`)).status).toBe(200)
})
