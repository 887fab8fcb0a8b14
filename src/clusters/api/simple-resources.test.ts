import { beforeEach, expect, test } from 'vitest'
import { clusterSpecFixture, nodeGroupSpecFixture } from '../model/fixture.ts'
import { openApiDocument } from './http/index.ts'
import { type Place, place } from './simple-fixture.ts'

const cluster = '10000000-0000-4000-8000-000000000001'
let here: Place
beforeEach(() => {
  here = place()
})

test('stats count clusters and nodes, masters too; other projects are for admins', async () => {
  const { clusters, nodeGroups } = here.services.store
  await clusters.create(cluster, clusterSpecFixture())
  await nodeGroups.create(
    cluster.replace('1', '2'),
    nodeGroupSpecFixture({ clusterId: cluster, role: 'master', nodeCount: 3 }),
  )
  await nodeGroups.create(cluster.replace('1', '3'), nodeGroupSpecFixture({ clusterId: cluster, nodeCount: 4 }))
  const stats = { clusters: 1, nodes: 7 }
  expect((await here.ask('GET /v1/stats')).body).toEqual(stats)
  expect((await here.ask('GET /v1/stats?type=CLUSTER&project_id=project')).body).toEqual(stats)
  expect((await here.ask('GET /v1/stats', { token: 'other' })).body).toEqual({ clusters: 0, nodes: 0 })
  expect((await here.ask('GET /v1/stats', { token: 'admin' })).body).toEqual(stats)
  expect((await here.ask('GET /v1/stats?project_id=other', { token: 'admin' })).body).toEqual({ clusters: 0, nodes: 0 })
  expect(await here.ask('GET /v1/stats?project_id=other')).toMatchObject({ status: 403, detail: 'Not authorized.' })
  expect(await here.ask('GET /v1/stats?type=zzz')).toMatchObject({
    status: 400,
    detail: "Invalid stats type. Allowed values are 'cluster'",
  })
})

test('services are for admins', async () => {
  here = place({
    services: async () =>
      await Promise.resolve([
        {
          id: 1,
          host: 'h',
          binary: 'magnum-conductor',
          isUp: true,
          reportCount: 5,
          createdAt: '2026-11-28T16:00:00.000000Z',
        },
      ]),
  })
  expect(await here.ask('GET /v1/mservices')).toMatchObject({
    status: 403,
    detail: "Policy doesn't allow magnum-service:get_all to be performed.",
  })
  expect((await here.ask('GET /v1/mservices', { token: 'admin' })).body).toEqual({
    mservices: [
      {
        host: 'h',
        binary: 'magnum-conductor',
        state: 'up',
        id: 1,
        report_count: 5,
        disabled: false,
        disabled_reason: null,
        created_at: '2026-11-28T16:00:00+00:00',
        updated_at: null,
      },
    ],
  })
})

// As Magnum 22.0.0 answers.
test.each<[string, unknown, number, unknown]>([
  ['GET /v1/federations', undefined, 200, undefined],
  ['GET /v1/federations/detail', undefined, 200, undefined],
  ['GET /v1/federations/x', undefined, 404, 'Federation x could not be found.'],
  ['POST /v1/federations', {}, 400, 'No hostcluster specified. Please specify a hostcluster_id.'],
  ['POST /v1/federations', { hostcluster_id: 'x' }, 404, 'Cluster x could not be found.'],
  ['POST /v1/federations', { hostcluster_id: 'demo' }, 400, 'Please specify a `properties` dict for the federation.'],
  [
    'POST /v1/federations',
    { hostcluster_id: 'demo', properties: {} },
    400,
    'No DNS zone specified. Please specify a `dns-zone`.',
  ],
  ['POST /v1/federations', { hostcluster_id: 'demo', properties: { 'dns-zone': 'x.' } }, 202, undefined],
  ['PATCH /v1/federations/x', [], 404, 'Federation x could not be found.'],
  [
    'PATCH /v1/federations/x',
    {},
    400,
    "Invalid input for field/attribute patch. Value: '{}'. Value not a valid list: {}",
  ],
  ['DELETE /v1/federations/x', undefined, 404, 'Federation x could not be found.'],
])('%s %j: %i', async (line, body, status, detail) => {
  await here.services.store.clusters.create(cluster, clusterSpecFixture())
  const answered = await here.ask(line, body === undefined ? {} : { body })
  expect([answered.status, answered.detail]).toEqual([status, detail])
  if (line.startsWith('GET') && status === 200) expect(answered.body).toEqual({ federations: [] })
})

test('the OpenAPI document has every route, with what it takes and answers', () => {
  const document = openApiDocument(here.routes, 'https://cloud')
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  for (const { path, method } of here.routes)
    expect(paths[`/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`]).toHaveProperty(method.toLowerCase())
  expect(paths['/v1/quotas/{project_id}/{resource}']).toMatchObject({
    parameters: [{ name: 'project_id', in: 'path' }, { name: 'resource' }, { name: 'OpenStack-API-Version' }],
    patch: {
      operationId: 'quota:update',
      requestBody: { content: { 'application/json': { schema: { properties: { hard_limit: { default: 1 } } } } } },
      responses: { '202': {} },
    },
  })
  const ids = here.routes.map(({ name }) => name)
  expect(new Set(ids).size).toBe(ids.length)
})
