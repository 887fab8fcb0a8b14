import { expect, test } from 'vitest'
import { admin, caller, findAnything, templateId, world } from '../fixture.ts'
import { ApiError } from '../route.ts'
import type { ApiServices } from '../services.ts'

const body = { cluster_template_id: templateId, name: 'demo' }

test('a cluster is made with its two groups, and is read at once', async () => {
  const { call, template } = world()
  await template({ labels: { kube_tag: 'v1.34.2' } })
  // What `openstack coe cluster create demo --cluster-template … --node-count 2` sends.
  const made = await call('POST', '/clusters', {
    body: {
      ...body,
      create_timeout: 60,
      discovery_url: null,
      keypair: null,
      master_count: 1,
      node_count: '2',
      labels: {},
    },
  })
  expect(made).toMatchObject({ status: 202, headers: {} })
  const uuid = String(made.body['uuid'])
  const { body: shown } = await call('GET', '/clusters/demo')
  expect(shown).toMatchObject({
    uuid,
    name: 'demo',
    status: 'CREATE_IN_PROGRESS',
    status_reason: null,
    node_count: 2,
    master_count: 1,
    create_timeout: 60,
    keypair: null,
    labels: { kube_tag: 'v1.34.2' },
    labels_overridden: {},
    labels_added: {},
    labels_skipped: {},
    merge_labels: false,
    health_status: null,
    health_status_reason: {},
    cluster_id: null,
    node_addresses: [],
    links: [
      { href: `http://magnum/v1/clusters/${uuid}`, rel: 'self' },
      { href: `http://magnum/clusters/${uuid}`, rel: 'bookmark' },
    ],
    updated_at: null,
  })
  expect(shown).not.toHaveProperty('stack_id')
  expect(shown).not.toHaveProperty('faults')
  const { body: groups } = await call('GET', `/clusters/${uuid}/nodegroups/`)
  expect(groups['nodegroups']).toMatchObject([
    { name: 'default-master', role: 'master', node_count: 1, is_default: true, status: 'CREATE_IN_PROGRESS' },
    { name: 'default-worker', role: 'worker', node_count: 2, is_default: true },
  ])
})

test('an unnamed cluster gets a name; labels replace or merge, and those that nothing reads are told', async () => {
  const { call, template } = world()
  await template({ labels: { kube_tag: 'v1.34.2', oidc_issuer_url: 'https://issuer.test' } })
  const labels = { kube_tag: 'v1.34.3', colour: 7, audit_log_enabled: true }
  await call('POST', '/clusters', { body: { cluster_template_id: 'kubernetes', labels, merge_labels: true } })
  expect((await call('GET', '/clusters/alpha-1-cluster')).body).toMatchObject({
    labels: { kube_tag: 'v1.34.3', oidc_issuer_url: 'https://issuer.test', colour: '7', audit_log_enabled: 'True' },
    labels_overridden: { kube_tag: 'v1.34.2' },
    labels_added: { colour: '7', audit_log_enabled: 'True' },
    labels_skipped: {},
    status_reason: 'Label "colour" is unknown and has no effect.',
  })
})

test.each([
  [
    'an unknown template, below 1.10',
    { cluster_template_id: 'none' },
    9,
    400,
    'ClusterTemplate none could not be found.',
  ],
  ['an unknown template', { cluster_template_id: 'none' }, 10, 404, 'ClusterTemplate none could not be found.'],
  ['no template', { cluster_template_id: undefined }, 14, 400, 'Mandatory field missing.'],
  ['no nodes, below 1.10', { node_count: 0 }, 9, 400, 'Resizing a nodegroup to zero is not supported'],
  ['no nodes', { node_count: 0 }, 10, 202, ''],
  ['no masters', { master_count: 0 }, 14, 400, 'Value should be greater or equal to 1'],
  ['two masters', { master_count: 2 }, 14, 400, 'size cannot be an even number'],
  [
    'three masters and no load balancer',
    { master_count: 3 },
    14,
    400,
    'master_count must be 1 when master_lb_enabled is False',
  ],
  ['three masters behind one', { master_count: 3, master_lb_enabled: true }, 14, 202, ''],
  ['a name with a blank', { name: 'a b' }, 14, 400, 'Value should match the pattern'],
  ['a field that nobody knows', { zzz: 1 }, 14, 400, 'Unknown attribute for argument cluster: zzz'],
  ['a field that is only read', { api_address: 'x' }, 14, 400, 'Cannot set read only field.'],
])('%s', async (_, changes, minor, status, detail) => {
  const { call, template, services } = world()
  await template()
  const answer = await call('POST', '/clusters', { body: { ...body, ...changes }, minor })
  expect([answer.status, answer.detail]).toEqual([status, expect.stringContaining(detail)])
  if (status !== 202)
    expect(services.store.quotas.all().every(({ spec }) => Object.keys(spec.claims).length === 0)).toBe(true)
})

test('a hidden template is for admins; one of another project is not there; a public one is', async () => {
  const { call, template } = world()
  await template({ hidden: true })
  await template({ name: 'other', projectId: 'other' }, '20000000-0000-4000-8000-000000000001')
  await template({ name: 'public', projectId: 'other', public: true }, '20000000-0000-4000-8000-000000000002')
  const make = async (name: string, by = caller()) =>
    (await call('POST', '/clusters', { body: { cluster_template_id: name }, caller: by })).status
  expect([
    await make('kubernetes'),
    await make('kubernetes', admin),
    await make('other'),
    await make('public'),
  ]).toEqual([403, 202, 404, 202])
})

test('a reader makes nothing, nor does a token without a project', async () => {
  const { call, template } = world()
  await template()
  expect(await call('POST', '/clusters', { body, caller: caller({ roles: ['reader'] }) })).toMatchObject({
    status: 403,
    detail: "Policy doesn't allow cluster:create to be performed.",
  })
  const { projectId: _, ...unscoped } = admin
  expect((await call('POST', '/clusters', { body, caller: unscoped })).status).toBe(403)
})

test('what the cloud does not have is said before anything is taken or written', async () => {
  const find = async () => await Promise.reject(new ApiError(400, 'Unable to find flavor m9.'))
  const { call, template, services, events } = world({ lookups: { find } })
  await template()
  expect(await call('POST', '/clusters', { body })).toMatchObject({ status: 400, detail: 'Unable to find flavor m9.' })
  expect([services.store.clusters.all(), services.store.quotas.all(), events]).toEqual([[], [], []])
})

test('a flavor without a disk needs a volume to boot from', async () => {
  const find: typeof findAnything = async (by, sought) => {
    const flavor = { id: 'none', name: 'none', vcpus: 1, ram: 1, disk: 0 }
    return { ...(await findAnything(by, sought)), flavorId: flavor }
  }
  const { call, template } = world({ lookups: { find } })
  await template()
  expect((await call('POST', '/clusters', { body })).detail).toContain(
    'Flavor with zero root volume size is not supported',
  )
  expect((await call('POST', '/clusters', { body: { ...body, labels: { boot_volume_size: '20' } } })).status).toBe(202)
})

test('the text of the key pair is kept: nobody else will be shown it', async () => {
  const { call, template, services } = world()
  await template({ keypairId: 'key' })
  await call('POST', '/clusters', { body })
  const [cluster] = services.store.clusters.all()
  expect([cluster?.spec.keypair, cluster?.spec.publicKey]).toEqual(['key', 'ssh-ed25519 AAAA key'])
})

test('the driver refuses a cluster before anything is taken, and what it warns of is told', async () => {
  const judge: ApiServices['judge'] = ({ labels }) =>
    labels['colour'] === undefined ? { warnings: ['It will be late.'] } : { refusal: 'No colours here.', warnings: [] }
  const { call, template, services } = world({ judge })
  await template()
  const refused = await call('POST', '/clusters', { body: { ...body, labels: { colour: 'blue' } } })
  expect([refused.status, refused.detail]).toEqual([400, 'No colours here.'])
  expect([services.store.clusters.all(), services.store.quotas.all()]).toEqual([[], []])
  expect((await call('POST', '/clusters', { body })).status).toBe(202)
  expect((await call('GET', '/clusters/demo')).body).toMatchObject({ status_reason: 'It will be late.' })
})

test('an engine that no driver serves is refused with what is served', async () => {
  const { call, template } = world({
    unsupported: () => 'Cluster type (vm, x, swarm-mode) not supported. Served here: y.',
  })
  await template({ coe: 'swarm-mode' })
  expect(await call('POST', '/clusters', { body })).toMatchObject({
    status: 400,
    detail: 'Cluster type (vm, x, swarm-mode) not supported. Served here: y.',
  })
})

test('a hundred at once: as many as the quota has places, and a failed one gives its place back', async () => {
  const made = world({ settings: { maxLimit: 1000, maxClustersPerProject: 7, defaultBootVolumeSize: 0 } })
  await made.template()
  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      async () => await made.call('POST', '/clusters', { body: { cluster_template_id: templateId } }),
    ),
  )
  const statuses = answers.map(({ status }) => status)
  expect([
    statuses.filter((status) => status === 202).length,
    statuses.filter((status) => status === 403).length,
  ]).toEqual([7, 93])
  expect(made.services.store.clusters.all()).toHaveLength(7)
  expect(answers.find(({ status }) => status === 403)?.detail).toContain(
    'You have reached the maximum clusters per project, 7.',
  )
})

test('a create that could not be written gives its place back', async () => {
  const made = world()
  await made.template()
  const { store } = made.services
  store.clusters.create = async () => await Promise.reject(new ApiError(503, 'the API server is away'))
  expect((await made.call('POST', '/clusters', { body })).status).toBe(503)
  expect(store.quotas.all().map(({ spec }) => spec.claims)).toEqual([{}])
})

test('the bus is told, as Magnum tells it', async () => {
  const { call, template, events } = world()
  await template()
  await call('POST', '/clusters', { body })
  expect(events).toMatchObject([
    {
      eventType: 'magnum.cluster.create',
      priority: 'INFO',
      payload: {
        typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
        action: 'create',
        outcome: 'pending',
        initiator: { typeURI: 'service/security/account/user', user_id: 'user', project_id: 'project' },
        target: {
          typeURI: 'service/magnum/cluster',
          name: 'demo',
          attachments: [
            { name: 'cluster_data', content: { status: 'CREATE_IN_PROGRESS', node_count: 1, master_count: 1 } },
          ],
        },
      },
    },
  ])
})
