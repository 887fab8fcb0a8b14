import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connectService, type ServiceConnection } from '../../openstack/index.ts'
import { ApiError } from '../api/route.ts'
import { type LookupOptions, lookups, requireRootDisk, type Sought } from './index.ts'

let fake: FakeOpenStack
let cloud: ServiceConnection
let token: string

const uuid = (digit: number): string => `${digit}0000000-0000-4000-8000-000000000000`

beforeEach(async () => {
  fake = await startFakeOpenStack()
  cloud = connectService({
    authUrl: fake.authUrl,
    username: 'magnum',
    password: fake.password,
    project: 'service',
    retryMs: 0,
  })
  token = fake.issue({ roles: [{ name: 'member' }] })
  const image = (id: string, name: string, more: object): void =>
    void fake.state.images.set(id, { id, name, status: 'active', os_hidden: false, size: 1, ...more })
  image(uuid(1), 'ubuntu', { os_distro: 'ubuntu', magnum_driver: 'heat', kube_version: 'v1.34.1', img_hv_type: 'lxc' })
  image(uuid(2), 'plain', {})
  image(uuid(3), 'twice', { os_distro: 'ubuntu' })
  image(uuid(4), 'twice', { os_distro: 'ubuntu' })
  for (const [id, name, disk] of [
    ['f1', 'small', 10],
    ['f2', 'large', 0],
  ] as const)
    fake.state.flavors.set(id, { id, name, vcpus: 1, ram: 512, disk })
  fake.state.keypairs.set('my key', { name: 'my key', public_key: 'ssh-ed25519 x' })
  const network = (id: string, name: string, external: boolean): void =>
    void fake.state.networks.set(id, { id, name, 'router:external': external })
  network('n1', 'public', true)
  network('n2', 'inner', false)
  network('n3', 'inner-two', false)
  network('n4', 'inner-two', false)
  network('n5', 'n2', false)
  const subnet = (id: string, name: string, network_id: string): void =>
    void fake.state.subnets.set(id, { id, name, network_id })
  subnet('s1', 'inner-subnet', 'n2')
  subnet('s2', 'same', 'n3')
  subnet('s3', 'same', 'n4')
})

afterEach(async () => {
  cloud.close()
  await fake.close()
})

const find = (sought: Sought, options: Partial<LookupOptions> = {}, signal?: AbortSignal) =>
  lookups({ forwarding: cloud.forwarding, ...options }).find({ token }, sought, signal)

async function refusal(sought: Sought, options: Partial<LookupOptions> = {}): Promise<ApiError> {
  const error: unknown = await find(sought, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ApiError) return error
  throw new Error(`expected an ApiError, got ${String(error)}`)
}

test('all that was sought is found, by id or name, with the token of the caller', async () => {
  const image = {
    id: uuid(1),
    name: 'ubuntu',
    osDistro: 'ubuntu',
    driver: 'heat',
    kubeVersion: 'v1.34.1',
    hypervisor: 'lxc',
  }
  expect(
    await find({
      imageId: 'ubuntu',
      flavorId: 'small',
      masterFlavorId: 'f2',
      externalNetworkId: 'public',
      fixedNetwork: 'inner',
      fixedSubnet: 's1',
      keypair: 'my key',
    }),
  ).toEqual({
    imageId: image,
    flavorId: { id: 'f1', name: 'small', vcpus: 1, ram: 512, disk: 10 },
    masterFlavorId: { id: 'f2', name: 'large', vcpus: 1, ram: 512, disk: 0 },
    externalNetworkId: { id: 'n1', name: 'public' },
    fixedNetwork: { id: 'n2', name: 'inner' },
    fixedSubnet: { id: 's1', name: 'inner-subnet', networkId: 'n2' },
    keypair: { name: 'my key', publicKey: 'ssh-ed25519 x' },
  })
  const asked = fake.calls.filter(({ service }) => service !== 'identity')
  expect(new Set(asked.map(({ headers }) => headers['x-auth-token']))).toEqual(new Set([token]))
  expect(asked.filter(({ path }) => path === '/flavors/detail')).toHaveLength(1)
  expect(await find({ imageId: uuid(1) })).toEqual({ imageId: image })
  expect(await find({})).toEqual({})
})

test('flavors beyond the first page are found', async () => {
  fake.behaviour.flavorPage = 1
  expect((await find({ flavorId: 'large' })).flavorId).toMatchObject({ id: 'f2' })
})

describe('what is not there', () => {
  test.each<[Sought, number, string]>([
    [
      { imageId: 'ubunut' },
      400,
      'Image ubunut could not be found. It was sent as image_id. Did you mean ubuntu? You may use: twice, ubuntu. To see what there is: openstack image list --long',
    ],
    [{ imageId: uuid(9) }, 400, `Image ${uuid(9)} could not be found. It was sent as image_id.`],
    [{ imageId: 'in:ubuntu' }, 400, 'Image in:ubuntu could not be found.'],
    [{ imageId: uuid(2) }, 400, `Image ${uuid(2)} doesn't contain os_distro field. It says which driver`],
    [
      { imageId: 'twice' },
      409,
      `Multiple images exist with same name twice. Please use the resource id instead. They are: ${uuid(3)}, ${uuid(4)}.`,
    ],
    [
      { flavorId: 'm1.huge' },
      400,
      'Unable to find flavor m1.huge. It was sent as flavor_id. You may use: large, small. To see what there is: openstack flavor list',
    ],
    [
      { masterFlavorId: 'smal' },
      400,
      'Unable to find flavor smal. It was sent as master_flavor_id. Did you mean small?',
    ],
    [{ keypair: 'gone' }, 404, 'Unable to find keypair gone. It was sent as keypair. You may use: my key.'],
    [{ keypair: '../my key' }, 404, 'Unable to find keypair ../my key.'],
    [{ externalNetworkId: 'inner' }, 400, 'Unable to find external network inner. It was sent as external_network_id.'],
    [{ fixedNetwork: 'gone' }, 400, 'Unable to find fixed network gone.'],
    [
      { fixedNetwork: 'inner-two' },
      409,
      "Multiple networks exist with same name 'inner-two'. Please use the network ID",
    ],
    [{ fixedNetwork: 'n2' }, 409, "Multiple networks exist with same name 'n2'."],
    [{ fixedSubnet: 'gone' }, 400, 'Unable to find fixed subnet gone.'],
    [{ fixedSubnet: 'same' }, 409, "Multiple subnets exist with same name 'same'."],
    [
      { fixedNetwork: 'inner', fixedSubnet: 's2' },
      400,
      'Fixed subnet same is not one of fixed network inner. To see its subnets: openstack subnet list --network n2',
    ],
  ])('%j: %i', async (sought, status, text) => {
    const error = await refusal(sought)
    expect({ status: error.status, code: error.code }).toEqual({ status, code: 'client' })
    expect(error.message.startsWith(text)).toBe(true)
  })

  test("is told all at once, with the status of Magnum's first", async () => {
    const error = await refusal({ keypair: 'gone', fixedSubnet: 'gone', flavorId: 'gone', masterFlavorId: 'gone' })
    expect(error.status).toBe(400)
    const order = ['flavor_id', 'master_flavor_id', 'fixed_subnet', 'keypair'].map((field) =>
      error.message.indexOf(`It was sent as ${field}`),
    )
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order[0]).toBeGreaterThan(0)
  })

  test('of many names, some are told', async () => {
    for (let made = 0; made < 30; made++) {
      const id = `many-${String(made).padStart(2, '0')}`
      fake.state.flavors.set(id, { id, name: id, vcpus: 1, ram: 1, disk: 1 })
    }
    expect((await refusal({ flavorId: 'x' })).message).toContain('many-08 and 22 more.')
  })
})

describe('a cloud that does not answer', () => {
  const secrets = /127\.0\.0\.1|invalid|ECONN|database/

  test.each([500, 502, 503])('with %i: 503, nothing of the inside, and the cause for the log', async (status) => {
    fake.behaviour.fault = ({ service }) =>
      service === 'compute' ? { status, body: { error: { message: 'database at db-1' } } } : undefined
    const error = await refusal({ flavorId: 'small', imageId: 'ubuntu' })
    expect([error.status, error.code]).toEqual([503, 'server'])
    expect(error.message).toBe(
      'The Compute service did not answer while flavor small was looked up. Nothing was changed: try again in a moment.',
    )
    expect(String(error.cause)).toContain(`answered with ${status}`)
  })

  test('in time', async () => {
    fake.behaviour.delay = ({ service }) => (service === 'image' ? 5000 : 0)
    const error = await refusal({ imageId: 'ubuntu' }, { timeoutMs: 300 })
    expect([error.status, error.message]).toEqual([503, expect.stringContaining('The Image service did not answer')])
  })

  test('at the endpoints of another interface', async () => {
    cloud.close()
    cloud = connectService({
      authUrl: fake.authUrl,
      username: 'magnum',
      password: fake.password,
      project: 'service',
      retryMs: 0,
      interface: 'internal',
    })
    const error = await refusal({ imageId: 'ubuntu' })
    expect(error.status).toBe(503)
    expect(error.message).not.toMatch(secrets)
    expect(String(error.cause)).toContain('internal.invalid')
  })

  test('since the service is not in the catalog', async () => {
    token = fake.issue({ catalog: [] })
    fake.behaviour.fault = ({ path }) => (path === '/auth/catalog' ? { status: 200, body: { catalog: [] } } : undefined)
    const error = await refusal({ flavorId: 'small' })
    expect(error.status).toBe(403)
    expect(error.message).toBe(
      'nova connection failed. The service catalog of your token has no Compute service, so flavor small could not be looked up.',
    )
  })

  test.each([401, 403])('since the token is not accepted there (%i)', async (status) => {
    fake.behaviour.fault = ({ service }) => (service === 'network' ? { status } : undefined)
    const error = await refusal({ fixedNetwork: 'inner' })
    expect([error.status, error.message]).toEqual([403, expect.stringContaining('neutron connection failed. ')])
  })

  test('since the token is valid no more', async () => {
    fake.state.tokens.delete(token)
    expect((await refusal({ fixedNetwork: 'inner' })).status).toBe(403)
  })

  test('for an image that the caller may not see', async () => {
    fake.behaviour.fault = ({ service }) => (service === 'image' ? { status: 403 } : undefined)
    const error = await refusal({ imageId: uuid(1) })
    expect([error.status, error.message]).toEqual([403, `Not authorized for image ${uuid(1)}.`])
  })
})

test('ends with the request', async () => {
  const stop = new AbortController()
  fake.behaviour.delay = () => 200
  const work = find({ imageId: 'ubuntu' }, {}, stop.signal)
  stop.abort(new Error('the client went away'))
  await expect(work).rejects.toThrow('the client went away')
})

test('a flavor without a disk needs a volume', () => {
  const flavor = { id: 'f2', name: 'large', vcpus: 1, ram: 512, disk: 0 }
  expect(() => requireRootDisk(flavor, 0)).toThrow(expect.objectContaining({ status: 400 }))
  expect(() => requireRootDisk(flavor, 20)).not.toThrow()
  expect(() => requireRootDisk({ ...flavor, disk: 1 }, 0)).not.toThrow()
})
