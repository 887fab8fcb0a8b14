/** The service as a whole, its replicas and its process, on a real API server and a fake OpenStack. */
import { spawn } from 'node:child_process'
import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { PolicyRule } from '../../src/catalog/index.ts'
import {
  loadConfig,
  makeDefinitions,
  type Said,
  type Served,
  type ServeOptions,
  serve,
} from '../../src/clusters/serve/index.ts'
import { run } from '../../src/host/index.ts'
import type { KubeEndpoint } from '../../src/kube/index.ts'
import { clusters } from '../../src/openstack/clusters.ts'
import { createCsr } from '../../src/pki/index.ts'
import { account } from '../../src/render/access.ts'
import { knownServices, render } from '../../src/render/index.ts'
import { loadCloud } from '../../src/spec/index.ts'
import { type FakeOpenStack, startFakeOpenStack } from '../fakes/openstack/index.ts'
import { openTestCluster, type TestCluster } from './cluster.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const namespace = 'serve'
const never = new AbortController().signal
let cluster: TestCluster
let cloud: FakeOpenStack
let directory: string
/** What was logged in a test. */
let said: Said[]
beforeEach(() => {
  said = []
})

beforeAll(async () => {
  ;[cluster, cloud] = await Promise.all([openTestCluster(), startFakeOpenStack()])
  directory = await mkdtemp(join(tmpdir(), 'croque-serve-'))
  await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await makeDefinitions(cluster.kube, never)
}, 1_500_000)

afterAll(async () => {
  await cloud?.close()
  await cluster?.close()
  await rm(directory, { recursive: true, force: true })
})

/** As the account of the Pod: with the Role that the catalog has for it, and nothing more. */
async function podEndpoint(): Promise<KubeEndpoint> {
  const loaded = loadCloud(undefined, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { units } = render(loaded.cloud, { images: {}, virtType: 'qemu', datapath: 'netdev' }).rendering
  const role = units
    .flatMap(({ objects }) => objects)
    .find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'magnum-api')
  const rules = (role?.['rules'] ?? []) as PolicyRule[]
  for (const object of account({ name: 'magnum-api', namespace, labels: {}, rules })) await cluster.kube.apply(object)
  const { kubectl, access } = cluster.server
  const { stdout } = await run(kubectl, [
    ...[`--kubeconfig=${access.kubeconfigFile}`, 'create', 'token', 'magnum-api', `--namespace=${namespace}`],
  ])
  const { server, ca } = access
  return { server, ...(ca === undefined ? {} : { ca }), token: async () => stdout.trim() }
}

/** Sections of a configuration that fits here. */
const sections = (more: Readonly<Record<string, object>> = {}) => ({
  api: { port: 0, shutdown_seconds: 5 },
  metrics: { port: 0 },
  keystone_authtoken: { auth_url: cloud.authUrl, password: cloud.password, interface: 'public' },
  kubernetes: { namespace },
  ...more,
})

async function serving(more: Readonly<Record<string, object>> = {}, rest: Partial<ServeOptions> = {}): Promise<Served> {
  const config = loadConfig(stringify(sections(more)), {})
  const log = (line: Said): void => void said.push(line)
  const served = await serve({ config, endpoint: cluster.server.access, name: 'replica', log, ...rest })
  await served.ready
  return served
}

async function ask(
  served: Pick<Served, 'url'>,
  path: string,
  { token = cloud.issue(), method = 'GET', body }: { token?: string; method?: string; body?: unknown } = {},
) {
  const response = await fetch(`${served.url}${path}`, {
    method,
    headers: {
      'x-auth-token': token,
      'openstack-api-version': 'container-infra latest',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
}

const metric = async ({ operatorUrl }: Served, name: string): Promise<number> => {
  const text = await (await fetch(`${operatorUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(50)
  }
  throw new Error('it did not come')
}

test('answers who has a token, and operators', async () => {
  const served = await serving()
  try {
    expect((await ask(served, '/healthcheck')).body).toBe('OK')
    expect((await ask(served, '/v1/clusters')).body).toMatchObject({ clusters: [] })
    expect((await ask(served, '/v1/clusters', { token: 'none' })).status).toBe(401)
    expect((await fetch(`${served.operatorUrl}/readyz`)).status).toBe(200)
    const listed = async () => (await ask(served, '/v1/mservices')).body.mservices
    await until(async () => ((await listed())[0]?.state === 'up' ? true : undefined))
    expect(await listed()).toMatchObject([
      { id: 1, binary: 'magnum-conductor', host: expect.stringMatching(/^replica-/) },
    ])
    const { paths } = (await (await fetch(`${served.operatorUrl}/openapi.json`)).json()) as { paths: object }
    expect(Object.keys(paths)).toContain('/v1/clusters')
  } finally {
    await served.stop()
  }
  await expect(fetch(served.url)).rejects.toThrow()
  expect(said.filter(({ level }) => level === 'ERROR')).toEqual([])
})

test('one replica of two works on clusters, and the other when it stops', async () => {
  const replicas = [await serving(), await serving()]
  const leading = async (): Promise<Served | undefined> => {
    for (const replica of replicas) if ((await metric(replica, 'croque_reconcile_leading')) === 1) return replica
    return undefined
  }
  const leader = await until(leading)
  replicas.splice(replicas.indexOf(leader), 1)
  expect(await leading()).toBeUndefined()
  await leader.stop()
  expect(await until(leading)).toBe(replicas[0])
  await replicas[0]?.stop()
})

/** What a template can be made of. */
function stockCloud(): { readonly imageId: string } {
  const imageId = randomUUID()
  cloud.state.images.set(imageId, {
    id: imageId,
    name: 'debian',
    status: 'active',
    os_hidden: false,
    os_distro: 'debian',
  })
  cloud.state.flavors.set('2', {
    id: '2',
    name: 'm1.medium',
    vcpus: 2,
    ram: 4096,
    disk: 20,
    'os-flavor-access:is_public': true,
  })
  return { imageId }
}

test('our own client makes, looks at, resizes and deletes a cluster, and has a certificate signed', async () => {
  const { imageId } = stockCloud()
  const served = await serving({ drivers: { enabled: ['null'], imaginary: true } })
  const token = cloud.issue()
  const client = clusters({
    request: async (_service, method, path, { body, query, okStatus } = {}) => {
      const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
      const answered = await ask(served, `/v1${path}${search}`, { token, method, body })
      if (okStatus?.includes(answered.status) ?? answered.status < 300) return { ...answered, headers: {} }
      throw new Error(`${method} ${path}: ${answered.status} ${JSON.stringify(answered.body)}`)
    },
  })
  const template = { name: 'client', coe: 'kubernetes', image_id: imageId, flavor_id: 'm1.medium' }
  const body = { ...template, master_flavor_id: 'm1.medium', labels: { a: 'template', b: 'template' } }
  expect((await ask(served, '/v1/clustertemplates', { token, method: 'POST', body })).status).toBe(201)
  const wish = { name: 'mine', template: 'client', nodeCount: 2, labels: { a: 'cluster' }, timeout: 5 }
  const id = await client.create(wish)
  const settled = async (status: string) =>
    await until(async () => ((await client.get(id))?.status === status ? true : undefined))
  await settled('CREATE_COMPLETE')
  expect(await client.list()).toMatchObject([{ id, name: 'mine', nodeCount: 2, masterCount: 1 }])
  expect(await client.get('mine')).toMatchObject({
    id,
    labels: { a: 'cluster', b: 'template' },
    apiAddress: expect.stringMatching(/^https:/),
  })
  const groups = await client.nodeGroups(id)
  expect(groups.map(({ role, nodeCount, addresses }) => [role, nodeCount, addresses.length])).toEqual([
    ['master', 1, 1],
    ['worker', 2, 2],
  ])
  const { csr } = await createCsr({ commonName: 'admin', organizations: ['system:masters'] })
  const signed = new X509Certificate(await client.sign(id, csr))
  expect(signed.verify(new X509Certificate(await client.ca(id)).publicKey)).toBe(true)
  await client.resize(id, { nodeCount: 1 })
  await settled('UPDATE_COMPLETE')
  expect((await client.get(id))?.nodeCount).toBe(1)
  await client.remove(id)
  await until(async () => ((await client.get(id)) === undefined ? true : undefined))
  await client.remove(id)
  await served.stop()
})

test('a cluster comes and goes: asked for at one replica, worked on by whoever leads, told by Events', async () => {
  const { imageId } = stockCloud()
  const drivers = { enabled: ['null'], imaginary: true }
  const endpoint = await podEndpoint()
  const replicas = [
    await serving({ drivers }, { endpoint }),
    await serving({ drivers, conductor: { workers: 0 } }, { endpoint }),
  ] as const
  const token = cloud.issue()
  const post = async (path: string, body: object) => await ask(replicas[1], path, { token, method: 'POST', body })
  const flavors = { flavor_id: 'm1.medium', master_flavor_id: 'm1.medium' }
  const template = await post('/v1/clustertemplates', {
    name: 'small',
    coe: 'kubernetes',
    image_id: imageId,
    ...flavors,
  })
  expect(template.status, JSON.stringify(template.body)).toBe(201)
  const made = await post('/v1/clusters', { name: 'one', cluster_template_id: 'small' })
  expect(made.status, JSON.stringify(made.body)).toBe(202)
  const { uuid } = made.body
  const shown = async () => await ask(replicas[1], `/v1/clusters/${uuid}`, { token })
  expect((await shown()).body).toMatchObject({ name: 'one' })
  await until(async () => ((await shown()).body.status === 'CREATE_COMPLETE' ? true : undefined))
  const reasons = async (): Promise<readonly unknown[]> => {
    const { items } = await cluster.kube.list({ apiVersion: 'v1', kind: 'Event' }, { namespace })
    return items.filter((event) => JSON.stringify(event).includes(uuid)).map((event) => event['reason'])
  }
  // Told a moment after it is so.
  await expect
    .poll(reasons, { timeout: 20_000, interval: 50 })
    .toEqual(expect.arrayContaining(['CreateBegan', 'CreateSucceeded']))
  expect((await ask(replicas[0], `/v1/clusters/${uuid}`, { token, method: 'DELETE' })).status).toBe(204)
  await until(async () => ((await shown()).status === 404 ? true : undefined))
  for (const replica of replicas) await replica.stop()
  expect(said.filter(({ message }) => /forbidden/i.test(message))).toEqual([])
})

test.each([
  ['a driver that only pretends, unasked', { drivers: { enabled: ['null'] } }, /only pretends/],
  ['a driver that nobody knows', { drivers: { enabled: ['toString'] } }, /no driver toString/],
  ['no password', { keystone_authtoken: {} }, /OS_KEYSTONE_AUTHTOKEN__PASSWORD/],
])('%s is refused before anything is served', async (_case, more, why) => {
  await expect(serving(more)).rejects.toMatchObject({ code: 'config-invalid', why: expect.stringMatching(why) })
})

test('a policy file with mistakes is refused with their places', async () => {
  const file = join(directory, 'policy.yaml')
  await writeFile(file, '"cluster:create": "rol:"\n')
  const refused = serving({ oslo_policy: { policy_file: file } })
  await expect(refused).rejects.toMatchObject({ why: expect.stringContaining(`${file}:1:`) })
})

test('`croque api` serves until it is told to stop', async () => {
  const config = join(directory, 'magnum.yaml')
  await writeFile(config, stringify(sections()))
  const command = ['api', '--kubeconfig', cluster.server.access.kubeconfigFile, '--config', config]
  const child = spawn(process.execPath, [join(repoDir, 'src/cli/main.ts'), ...command], { stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const ended = new Promise<number | null>((done) => child.on('exit', done))
  try {
    await until(async () => (output.includes('Ready after') ? true : undefined))
    const [, url = ''] = /Serving at (\S+),/.exec(output) ?? []
    expect((await ask({ url }, '/v1/clusters')).status).toBe(200)
    child.kill('SIGTERM')
    expect(await ended, output).toBe(0)
    expect(output).toContain('GET /v1/clusters 200')
  } finally {
    child.kill('SIGKILL')
  }
})
