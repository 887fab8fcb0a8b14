import { beforeEach, describe, expect, test } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import { findAnything } from '../fixture.ts'
import { ApiError } from '../route.ts'
import { type Answered, type Place, place } from '../simple-fixture.ts'

let here: Place
beforeEach(() => {
  here = place()
})

const all = '/v1/clustertemplates'
const first = '00000000-0000-4000-8000-000000000001'
const ordinary = { name: 'a', coe: 'kubernetes', image_id: 'img' }
const make = async (changes: object = {}, token = 'member'): Promise<Answered> =>
  here.ask(`POST ${all}`, { body: { ...ordinary, ...changes }, token })
const patch = async (ident: string, ...operations: readonly object[]): Promise<Answered> =>
  here.ask(`PATCH ${all}/${ident}`, { body: operations })
const replace = (path: string, value: unknown): object => ({ op: 'replace', path, value })
const use = async (): Promise<unknown> =>
  here.services.store.clusters.create(first, clusterSpecFixture({ templateId: first }))
const names = ({ body }: Answered): readonly unknown[] =>
  (body['clustertemplates'] as readonly { readonly name: string }[]).map(({ name }) => name)

// As Magnum 22.0.0 answers, to the order of the fields.
test('a template comes whole, with its place', async () => {
  const { status, headers, body } = await make({ external_network_id: 'pub' })
  expect(status).toBe(201)
  expect(headers['location']).toBe(`http://magnum/v1/clustertemplates/${first}`)
  expect(JSON.stringify(body)).toBe(
    JSON.stringify({
      uuid: first,
      name: 'a',
      coe: 'kubernetes',
      image_id: 'img',
      flavor_id: null,
      master_flavor_id: null,
      dns_nameserver: null,
      keypair_id: null,
      external_network_id: 'pub',
      fixed_network: null,
      fixed_subnet: null,
      network_driver: 'flannel',
      apiserver_port: null,
      docker_volume_size: null,
      cluster_distro: 'debian',
      links: [
        { href: `http://magnum/v1/clustertemplates/${first}`, rel: 'self' },
        { href: `http://magnum/clustertemplates/${first}`, rel: 'bookmark' },
      ],
      http_proxy: null,
      https_proxy: null,
      no_proxy: null,
      volume_driver: null,
      registry_enabled: false,
      labels: {},
      tls_disabled: false,
      public: false,
      server_type: 'vm',
      insecure_registry: null,
      docker_storage_driver: null,
      master_lb_enabled: false,
      floating_ip_enabled: true,
      project_id: 'project',
      user_id: 'user',
      hidden: false,
      tags: null,
      driver: null,
      created_at: '2026-11-28T16:00:01+00:00',
      updated_at: null,
    }),
  )
  expect((await here.ask(`GET ${all}/a`)).body).toEqual(body)
  expect((await here.ask(`GET ${all}`)).body).toEqual({ clustertemplates: [body] })
  expect((await here.ask(`GET ${all}/detail`)).body).toEqual({ clustertemplates: [body] })
})

describe('made', () => {
  test.each<[string, object, object]>([
    ['without a name', { name: null }, { name: 'alpha-1-template' }],
    ['with labels of all kinds', { labels: { a: true, b: 1.5 } }, { labels: { a: 'True', b: '1.5' } }],
    [
      'with nulls, as the client sends them',
      { public: null, tls_disabled: null, floating_ip_enabled: null, labels: null, tags: null },
      { public: false, tls_disabled: false, floating_ip_enabled: true, labels: {} },
    ],
    ['with a UUID', { uuid: '11111111-1111-4111-8111-111111111111' }, { uuid: '11111111-1111-4111-8111-111111111111' }],
    ["with a distro, which is the image's", { cluster_distro: 'zzz' }, { cluster_distro: 'debian' }],
    ['for swarm', { coe: 'swarm-mode' }, { network_driver: 'docker' }],
    ['with no tags', { tags: '' }, { tags: '' }],
  ])('%s', async (_name, sent, shown) => {
    expect(await make(sent)).toMatchObject({ status: 201, body: shown })
  })

  // Texts of Magnum 22.0.0; "ours" where it answers 500 or makes nonsense.
  test.each<[string, object, number, string]>([
    ['no COE', { coe: undefined }, 400, 'Requested COE type Unset is not supported.'],
    ['null as COE', { coe: null }, 400, 'Requested COE type None is not supported.'],
    [
      'ours: null as image',
      { image_id: null },
      400,
      "Invalid input for field/attribute image_id. Value: 'None'. Mandatory field missing.",
    ],
    [
      'null as server type',
      { server_type: null },
      400,
      'Server type None is not supported, expecting a vm/bm/unspecified server type.',
    ],
    [
      'network driver',
      { network_driver: 'zzz' },
      400,
      'Network driver type zzz is not supported, expecting a flannel/calico/cilium/unspecified network driver.',
    ],
    [
      'volume driver',
      { volume_driver: 'zzz' },
      400,
      'Volume driver type zzz is not supported, expecting a cinder/unspecified volume driver.',
    ],
    [
      'devicemapper without size',
      { docker_storage_driver: 'devicemapper' },
      400,
      'docker volume size None GB is not valid, expecting minimum value 3GB for devicemapper storage driver.',
    ],
    ['public', { public: true }, 403, 'Not authorized to set public or hidden flag for cluster template.'],
    ['hidden', { hidden: 'yes' }, 403, 'Not authorized to set public or hidden flag for cluster template.'],
    [
      'ours: null as label',
      { labels: { a: null } },
      400,
      "Invalid input for field/attribute labels. Value: '{'a': None}'. Wrong type. Expected '(<class 'str'>, <class 'int'>, <class 'bool'>, <class 'float'>)', got '<class 'NoneType'>'",
    ],
    [
      'read-only',
      { project_id: 'x' },
      400,
      "Invalid input for field/attribute project_id. Value: 'x'. Cannot set read only field.",
    ],
    ['unknown', { zzz: 1 }, 400, 'Unknown attribute for argument cluster_template: zzz'],
  ])('not with %s', async (_name, sent, status, detail) => {
    expect(await make(sent)).toMatchObject({ status, detail })
    expect(here.services.store.templates.all()).toEqual([])
  })

  test('not twice with one UUID', async () => {
    await make({ uuid: first })
    expect(await make({ uuid: first })).toMatchObject({
      status: 409,
      detail: `A ClusterTemplate with UUID ${first} already exists.`,
    })
  })

  test('not with what is not there, nor without a driver for it', async () => {
    here = place({
      lookups: { find: async () => await Promise.reject(new ApiError(400, 'Image img could not be found.')) },
    })
    expect(await make()).toMatchObject({ status: 400, detail: 'Image img could not be found.' })
    here = place({ unsupported: ({ coe }) => `Cluster type ${coe} not supported. Served here: nothing.` })
    expect(await make()).toMatchObject({
      status: 400,
      detail: 'Cluster type kubernetes not supported. Served here: nothing.',
    })
  })

  test('for everybody by an admin', async () => {
    expect(await make({ public: true }, 'admin')).toMatchObject({ status: 201, body: { public: true } })
  })
})

describe('seen', () => {
  beforeEach(async () => {
    await make({ name: 'own' })
    await make({ name: 'public', public: true }, 'admin')
    await make({ name: 'hidden', public: true, hidden: true }, 'admin')
    await make({ name: 'other' }, 'other')
  })

  test('in lists: own ones and public ones, hidden ones by admins', async () => {
    expect(names(await here.ask(`GET ${all}`))).toEqual(['own', 'public'])
    expect(names(await here.ask(`GET ${all}`, { token: 'other' }))).toEqual(['public', 'other'])
    expect(names(await here.ask(`GET ${all}`, { token: 'admin' }))).toEqual(['own', 'public', 'hidden', 'other'])
  })

  test.each([
    ['own', 200],
    ['public', 200],
    ['hidden', 200],
    ['other', 404],
    ['nope', 404],
  ])('%s: %i', async (name, status) => {
    const answered = await here.ask(`GET ${all}/${name}`)
    expect(answered.status).toBe(status)
    if (status === 404) expect(answered.detail).toBe(`ClusterTemplate ${name} could not be found.`)
  })

  test("somebody else's is not changed or deleted, seen or not", async () => {
    expect(await patch('public', replace('/name', 'x'))).toMatchObject({ status: 403 })
    expect(await here.ask(`DELETE ${all}/public`)).toMatchObject({ status: 403 })
    expect(await patch('other', replace('/name', 'x'))).toMatchObject({ status: 404 })
    expect(await here.ask(`DELETE ${all}/other`)).toMatchObject({ status: 404 })
    expect(await here.ask(`DELETE ${all}/other`, { token: 'admin' })).toMatchObject({ status: 204 })
  })

  test('page by page, in any order', async () => {
    const page = await here.ask(`GET ${all}/detail?limit=1&sort_key=name&sort_dir=desc`)
    expect(names(page)).toEqual(['public'])
    const next = String(page.body['next'])
    expect(next).toBe(
      'http://magnum/v1/clustertemplates/detail?sort_key=name&sort_dir=desc&limit=1&marker=00000000-0000-4000-8000-000000000002',
    )
    expect(names(await here.ask(`GET ${next.replace('http://magnum', '')}`))).toEqual(['own'])
    expect(await here.ask(`GET ${all}?sort_key=labels`)).toMatchObject({ status: 200 })
    expect(await here.ask(`GET ${all}?sort_key=zzz`)).toMatchObject({ status: 400 })
    expect(await here.ask(`GET ${all}?marker=99999999-1111-4111-8111-111111111111`)).toMatchObject({ status: 404 })
  })

  test('by a name that two have, not at all', async () => {
    await make({ name: 'own' })
    expect(await here.ask(`GET ${all}/own`)).toMatchObject({
      status: 409,
      detail: 'Multiple ClusterTemplates exist with same name. Please use the ClusterTemplate uuid instead.',
    })
  })
})

describe('changed', () => {
  beforeEach(async () => {
    await make({ labels: { a: '1' } })
  })

  test.each<[string, readonly object[], object]>([
    [
      'several at once',
      [replace('/name', 'b'), { op: 'add', path: '/labels/k', value: 'v' }],
      { name: 'b', labels: { a: '1', k: 'v' } },
    ],
    ['labels by a literal', [replace('/labels', "{'b': True, 'c': 5}")], { labels: { b: 'True', c: '5' } }],
    ['a number', [replace('/docker_volume_size', 5)], { docker_volume_size: 5 }],
    ['a boolean by a word', [replace('/tls_disabled', 'yes')], { tls_disabled: true }],
    ['back to the default', [{ op: 'remove', path: '/floating_ip_enabled' }], { floating_ip_enabled: true }],
    ['labels away', [{ op: 'remove', path: '/labels' }], { labels: {} }],
    ['the name away', [{ op: 'remove', path: '/name' }], { name: null }],
    ['nothing', [], { updated_at: null }],
    ['to what it was', [replace('/name', 'a')], { updated_at: null }],
    [
      'the image, and the distro with it',
      [replace('/image_id', 'other')],
      { image_id: 'other', cluster_distro: 'debian' },
    ],
  ])('%s', async (_name, operations, shown) => {
    expect(await patch('a', ...operations)).toMatchObject({ status: 200, body: shown })
    expect((await here.ask(`GET ${all}/${first}`)).body).toMatchObject(shown)
  })

  test.each<[string, readonly object[], number, string]>([
    [
      'what may not go',
      [{ op: 'remove', path: '/coe' }],
      400,
      "'/coe' is a mandatory attribute and can not be removed",
    ],
    [
      'the flavor away',
      [{ op: 'remove', path: '/flavor_id' }],
      400,
      "'/flavor_id' is a mandatory attribute and can not be removed",
    ],
    [
      'the image away',
      [{ op: 'remove', path: '/image_id' }],
      400,
      "'/image_id' is a mandatory attribute and can not be removed",
    ],
    [
      'ours: to a COE there is not',
      [replace('/coe', 'mesos')],
      400,
      'coe mesos is not served, for Mesos and DC/OS are dead upstream and gone from Magnum; use kubernetes.',
    ],
    [
      'to a driver there is not',
      [replace('/network_driver', 'zzz')],
      400,
      'Network driver type zzz is not supported, expecting a flannel/calico/cilium/unspecified network driver.',
    ],
    [
      'what is not there',
      [replace('/zzz', 'x')],
      400,
      "Couldn't apply patch '[{'path': '/zzz', 'op': 'replace', 'value': 'x'}]'. Reason: can't replace a non-existent object 'zzz'",
    ],
    [
      'public, by a member',
      [replace('/public', 'True')],
      403,
      'Not authorized to set public or hidden flag for cluster template.',
    ],
  ])('not %s', async (_name, operations, status, detail) => {
    expect(await patch('a', ...operations)).toMatchObject({ status, detail })
    expect((await here.ask(`GET ${all}/a`)).body).toMatchObject({ updated_at: null })
  })

  test('a body that is no patch is refused before the template is looked for', async () => {
    expect(await here.ask(`PATCH ${all}/nope`, { body: { name: 'x' } })).toMatchObject({ status: 400 })
    expect(await here.ask(`PATCH ${all}/nope`, { body: [] })).toMatchObject({ status: 404 })
  })

  test('by two at once: both changes are there afterwards', async () => {
    let arrived = 0
    const meet = Promise.withResolvers<void>()
    // Both have read the template when they meet here.
    const find: Place['services']['lookups']['find'] = async (caller, sought, signal) => {
      if (++arrived === 2) meet.resolve()
      await meet.promise
      return findAnything(caller, sought, signal)
    }
    here = place({ store: here.services.store, lookups: { find } })
    const both = await Promise.all([patch('a', replace('/tags', 'x')), patch('a', replace('/name', 'y'))])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(arrived).toBe(3)
    expect((await here.ask(`GET ${all}/y`)).body).toMatchObject({ tags: 'x', name: 'y' })
  })

  const inUse = `ClusterTemplate ${first} is referenced by one or multiple clusters.`

  test.each<[string, readonly object[]]>([
    ['its name', [replace('/name', 'b')]],
    ['its tags', [replace('/tags', 'x')]],
    ['nothing', []],
  ])('while in use: %s', async (_name, operations) => {
    await use()
    expect(await patch('a', ...operations)).toMatchObject({ status: 200 })
  })

  test('while in use, an admin may publish and hide it, and not take it back', async () => {
    await use()
    const ask = async (path: string, value: string): Promise<number> =>
      (await here.ask(`PATCH ${all}/${first}`, { body: [replace(path, value)], token: 'admin' })).status
    expect(await ask('/public', 'True')).toBe(200)
    expect(await ask('/hidden', 'True')).toBe(200)
    expect(await ask('/hidden', 'False')).toBe(200)
    expect(await ask('/public', 'False')).toBe(400)
  })

  test.each<[string, readonly object[]]>([
    ['anything else', [replace('/docker_volume_size', 5)]],
    ['two at once', [replace('/name', 'b'), replace('/tags', 'x')]],
  ])('not while in use: %s', async (_name, operations) => {
    await use()
    expect(await patch('a', ...operations)).toMatchObject({ status: 400, detail: inUse })
  })

  test('deleted when no cluster uses it', async () => {
    await use()
    expect(await here.ask(`DELETE ${all}/a`)).toMatchObject({ status: 400, detail: inUse })
    const { clusters } = here.services.store
    for (const cluster of clusters.all()) {
      await clusters.letGo(cluster)
      await clusters.delete(clusters.get(cluster.uuid) ?? cluster)
    }
    expect(await here.ask(`DELETE ${all}/a`)).toMatchObject({ status: 204, body: {} })
    expect(await here.ask(`DELETE ${all}/a`)).toMatchObject({ status: 404 })
  })
})

describe('baymodels', () => {
  const body = { ...ordinary, keypair_id: 'key' }
  const ask = async (line: string, sent?: object): Promise<Answered> =>
    here.ask(line, { version: '1.1', ...(sent === undefined ? {} : { body: sent }) })

  test('are templates under another name, until 1.10', async () => {
    const made = await ask('POST /v1/baymodels', { ...body, name: undefined })
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `http://magnum/v1/baymodels/${first}` },
      body: { name: 'alpha-1-model' },
    })
    expect(made.body).not.toHaveProperty('hidden')
    expect((await ask('GET /v1/baymodels')).body['baymodels']).toEqual([made.body])
    expect(await here.ask(`GET /v1/clustertemplates/${first}`)).toMatchObject({ status: 200 })
    expect(await ask('DELETE /v1/baymodels/alpha-1-model')).toMatchObject({ status: 204 })
    expect(await here.ask('GET /v1/baymodels', { version: '1.11' })).toMatchObject({ status: 404 })
  })

  test.each<[string, object, string]>([
    [
      'a key pair',
      { keypair_id: undefined },
      "Invalid input for field/attribute keypair_id. Value: 'None'. Mandatory field missing.",
    ],
    [
      'one name server',
      { dns_nameserver: '8.8.8.8,1.1.1.1' },
      "Invalid input for field/attribute dns_nameserver. Value: '8.8.8.8,1.1.1.1'. Value should be IPv4 format",
    ],
    [
      'an old storage driver',
      { docker_storage_driver: 'overlay2' },
      "Invalid input for field/attribute docker_storage_driver. Value: 'overlay2'. Value should be one of: devicemapper, overlay",
    ],
  ])('need %s', async (_name, changes, detail) => {
    expect(await ask('POST /v1/baymodels', { ...body, ...changes })).toMatchObject({ status: 400, detail })
  })
})
