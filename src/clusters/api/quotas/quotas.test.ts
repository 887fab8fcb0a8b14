import { beforeEach, describe, expect, test } from 'vitest'
import { claimPlace } from '../../model/index.ts'
import { type Answered, type Place, place } from '../simple-fixture.ts'

let here: Place
beforeEach(() => {
  here = place()
})

const one = '/v1/quotas/project/Cluster'
const set = async (body: object): Promise<Answered> => here.ask('POST /v1/quotas', { body, token: 'admin' })
const claim = async (clusterId: string): Promise<unknown> =>
  claimPlace(here.services.store, { projectId: 'project', clusterId, defaultLimit: 20, now: here.services.now })

// As Magnum 22.0.0 answers.
test('without one, the default is shown, without number and dates', async () => {
  expect((await here.ask(`GET ${one}`)).body).toEqual({ hard_limit: 20, project_id: 'project', resource: 'Cluster' })
  expect((await here.ask('GET /v1/quotas/project/zzz')).body).toEqual({
    hard_limit: 20,
    project_id: 'project',
    resource: 'Cluster',
  })
  await claim('c')
  expect((await here.ask(`GET ${one}`)).body).toEqual({ hard_limit: 20, project_id: 'project', resource: 'Cluster' })
})

test("another project's is the admin's to see", async () => {
  expect(await here.ask('GET /v1/quotas/other/Cluster')).toMatchObject({ status: 403, detail: 'Not authorized.' })
  expect(await here.ask(`GET ${one}`, { token: 'admin' })).toMatchObject({ status: 200 })
})

describe('set', () => {
  test('shown whole', async () => {
    const { status, body } = await set({ project_id: 'project', hard_limit: 3 })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(Number),
      hard_limit: 3,
      project_id: 'project',
      resource: 'Cluster',
      created_at: '2026-11-28T16:00:01+00:00',
      updated_at: null,
    })
    expect((await here.ask(`GET ${one}`)).body).toEqual(body)
  })

  test.each<[string, object, number, string | RegExp]>([
    ['no project', { resource: 'Cluster' }, 400, 'Must provide a valid project ID.'],
    ['a project there is not', { project_id: 'nowhere' }, 404, 'The project_id nowhere could not be found.'],
    [
      'another resource',
      { project_id: 'project', resource: 'zzz' },
      400,
      "Invalid input for field/attribute resource. Value: 'zzz'. Value should be one of: Cluster",
    ],
    [
      'less than nothing',
      { project_id: 'project', hard_limit: -1 },
      400,
      "Invalid input for field/attribute hard_limit. Value: '-1'. Value should be greater or equal to 0",
    ],
    ['ours: null', { project_id: 'project', hard_limit: null }, 400, /hard_limit/],
    ['ours: a resource of null', { project_id: 'project', resource: null }, 400, /resource/],
  ])('not with %s', async (_name, body, status, detail) => {
    const answered = await set(body)
    expect(answered.status).toBe(status)
    expect(answered.detail).toMatch(detail)
  })

  test('not twice, and not by members', async () => {
    await set({ project_id: 'project' })
    expect(await set({ project_id: 'project' })).toMatchObject({
      status: 409,
      detail: 'Quota for project project already exists for resource Cluster.',
    })
    expect(await here.ask('POST /v1/quotas', { body: { project_id: 'project' } })).toMatchObject({
      status: 403,
      detail: "Policy doesn't allow quota:create to be performed.",
    })
    expect(await here.ask('GET /v1/quotas')).toMatchObject({ status: 403 })
  })

  test('places that were claimed stay claimed through all of it, also at the same time', async () => {
    await claim('c1')
    await Promise.all([set({ project_id: 'project', hard_limit: 3 }), claim('c2')])
    await Promise.all([here.ask(`PATCH ${one}`, { body: { hard_limit: 4 }, token: 'admin' }), claim('c3')])
    await Promise.all([here.ask(`DELETE ${one}`, { token: 'admin' }), claim('c4')])
    const [quota] = here.services.store.quotas.all()
    expect(Object.keys(quota?.spec.claims ?? {}).sort()).toEqual(['c1', 'c2', 'c3', 'c4'])
    expect((await here.ask(`GET ${one}`)).body).toMatchObject({ hard_limit: 20 })
    expect(await set({ project_id: 'project', hard_limit: 9 })).toMatchObject({ status: 201 })
  })
})

test('changed by a plain quota, whose project and resource do not matter', async () => {
  await set({ project_id: 'project', hard_limit: 3 })
  const change = async (body: object): Promise<Answered> => here.ask(`PATCH ${one}`, { body, token: 'admin' })
  expect(await change({ hard_limit: 5 })).toMatchObject({ status: 202, body: { hard_limit: 5, project_id: 'project' } })
  expect(await change({ project_id: 'x', hard_limit: 6 })).toMatchObject({
    status: 202,
    body: { hard_limit: 6, project_id: 'project' },
  })
  expect(await change({})).toMatchObject({ status: 202, body: { hard_limit: 1 } })
  expect(await here.ask('PATCH /v1/quotas/nope/Cluster', { body: { hard_limit: 5 }, token: 'admin' })).toMatchObject({
    status: 404,
    detail: 'Quota could not be found: project_id nope resource Cluster.',
  })
})

test('deleted once', async () => {
  await set({ project_id: 'project', hard_limit: 3 })
  expect(await here.ask(`DELETE ${one}`, { token: 'admin' })).toMatchObject({ status: 204 })
  expect(await here.ask(`DELETE ${one}`, { token: 'admin' })).toMatchObject({ status: 404 })
  expect(here.services.store.quotas.all()).toEqual([])
})

test('listed: of the own project, or of all with all_tenants; by number', async () => {
  await set({ project_id: 'admin' })
  await set({ project_id: 'project', id: 77 })
  await claim('c')
  const list = async (query: string): Promise<Answered> => here.ask(`GET /v1/quotas${query}`, { token: 'admin' })
  const projects = ({ body }: Answered): unknown =>
    (body['quotas'] as readonly { readonly project_id: string }[]).map(({ project_id }) => project_id)
  expect(projects(await list(''))).toEqual(['admin'])
  expect(projects(await list('?all_tenants=True'))).toEqual(['admin', 'project'])
  expect(await list('?all_tenants=True&limit=2')).toMatchObject({
    body: { next: 'http://magnum/v1/quotas?sort_key=id&sort_dir=asc&limit=2&marker=77' },
  })
  expect(projects(await list('?all_tenants=True&marker=77'))).toEqual([])
  expect(await list('?marker=999')).toMatchObject({ status: 404, detail: 'Quota could not be found: quota id 999 .' })
  expect(await list('?marker=x')).toMatchObject({ status: 400 })
})
