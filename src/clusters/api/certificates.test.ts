import { beforeEach, expect, test } from 'vitest'
import { admin, caller, templateId, type World, world } from './fixture.ts'

let made: World
let uuid = ''
beforeEach(async () => {
  made = world()
  await made.template()
  await made.template({ name: 'open', tlsDisabled: true }, '20000000-0000-4000-8000-000000000001')
  const { body } = await made.call('POST', '/clusters', { body: { cluster_template_id: templateId, name: 'demo' } })
  uuid = String(body['uuid'])
  await made.finish('demo')
})

test('the CA, by UUID and by name', async () => {
  for (const ident of [uuid, 'demo']) {
    expect(await made.call('GET', `/certificates/${ident}`)).toMatchObject({
      status: 200,
      body: {
        cluster_uuid: uuid,
        pem: 'CA kubernetes of demo',
        links: [{ href: `http://magnum/v1/certificates/${uuid}` }, {}],
      },
    })
  }
  const { body } = await made.call('GET', '/certificates/demo?ca_cert_type=etcd', { minor: 10 })
  expect(body).toMatchObject({ pem: 'CA etcd of demo', bay_uuid: uuid })
})

test('a request is signed', async () => {
  expect(await made.call('POST', '/certificates', { body: { cluster_uuid: uuid, csr: 'CSR' } })).toMatchObject({
    status: 201,
    body: { cluster_uuid: uuid, csr: 'CSR', pem: 'signed CSR of demo' },
  })
  expect((await made.call('POST', '/certificates', { body: { bay_uuid: uuid, csr: 'CSR' }, minor: 1 })).status).toBe(
    201,
  )
})

test.each([
  [{ csr: 'CSR' }, 400, 'cluster_uuid is missing'],
  [{ cluster_uuid: 'demo' }, 400, 'csr is missing'],
  [{ cluster_uuid: 'none', csr: 'CSR' }, 400, 'Cluster none could not be found.'],
  [{ cluster_uuid: 'demo', csr: 'CSR', colour: 1 }, 400, 'Unknown attribute for argument certificate: colour'],
])('%j is answered %s', async (body, status, detail) => {
  const answer = await made.call('POST', '/certificates', { body })
  expect([answer.status, answer.detail]).toEqual([status, expect.stringContaining(detail)])
})

test("a certificate is for the user who made the cluster, and for nobody's admin", async () => {
  const other = caller({ userId: 'other' })
  expect((await made.call('GET', '/certificates/demo', { caller: other })).status).toBe(403)
  expect(
    (await made.call('POST', '/certificates', { caller: other, body: { cluster_uuid: uuid, csr: 'CSR' } })).status,
  ).toBe(403)
  expect((await made.call('GET', '/certificates/demo', { caller: admin })).status).toBe(404)
})

test('a rotation begins once', async () => {
  expect(await made.call('PATCH', '/certificates/demo')).toMatchObject({ status: 202, body: { uuid } })
  expect((await made.call('GET', '/clusters/demo')).body).toMatchObject({ status: 'UPDATE_IN_PROGRESS' })
  expect((await made.call('PATCH', '/certificates/demo')).status).toBe(400)
  expect((await made.call('POST', '/clusters/demo/actions/resize', { body: { node_count: 2 } })).detail).toContain(
    'its CA is being rotated',
  )
})

test('without TLS there is nothing to rotate', async () => {
  await made.call('POST', '/clusters', { body: { cluster_template_id: 'open', name: 'open' } })
  await made.finish('open')
  expect(await made.call('PATCH', '/certificates/open')).toMatchObject({
    status: 400,
    detail: 'Rotating the CA certificate on a non-TLS cluster is not supported',
  })
})

test('credentials are rotated from 1.12 on, by members', async () => {
  expect((await made.call('PATCH', '/credentials/demo', { minor: 11 })).status).toBe(406)
  expect((await made.call('PATCH', '/credentials/demo', { caller: caller({ roles: ['reader'] }) })).status).toBe(403)
  expect(await made.call('PATCH', '/credentials/demo')).toMatchObject({ status: 202, body: { uuid } })
  expect(made.services.store.clusters.get(uuid)?.spec.operation.kind).toBe('rotate-credential')
})
