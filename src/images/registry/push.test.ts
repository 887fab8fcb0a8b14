import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry } from '../../../test/fakes/registry.ts'
import { pinnedReferences } from './pins.ts'
import { type PushableImage, type PushOptions, pushImages } from './push.ts'

const sha256 = (data: Uint8Array | string): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

let directory: string
let registry: FakeRegistry
let images: readonly PushableImage[]
let shared: Buffer
let own: Buffer

async function start(options: FakeRegistryOptions = {}): Promise<void> {
  registry = await fakeRegistry(options)
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-push-'))
  shared = randomBytes(250_000)
  own = randomBytes(70_000)
  images = await Promise.all([image('base', [shared]), image('nova', [shared, own])])
})
afterEach(async () => {
  await registry.close()
  await rm(directory, { recursive: true })
})

async function image(name: string, layers: readonly Buffer[]): Promise<PushableImage> {
  const config = JSON.stringify({ name })
  const files = layers.map((data) => ({ data, digest: sha256(data), file: join(directory, sha256(data)) }))
  for (const { file, data } of files) await writeFile(file, data)
  const text = JSON.stringify({ config: { digest: sha256(config) }, layers: files.map(({ digest }) => ({ digest })) })
  return {
    name,
    reference: `croque.local/${name}:2026.1-abc`,
    manifest: { digest: sha256(text), mediaType: 'application/vnd.oci.image.manifest.v1+json', text },
    blobs: [
      ...files.map(({ digest, data, file }) => ({ digest, size: data.length, content: { file } })),
      { digest: sha256(config), size: config.length, content: config },
    ],
  }
}

const push = async (rest: Partial<PushOptions> = {}) =>
  await pushImages({
    to: `${registry.host}/cloud/images`,
    images,
    ca: registry.ca,
    env: {},
    signal: new AbortController().signal,
    report: { step: async (_id, work) => await work(() => undefined) },
    pieceBytes: 100_000,
    pauses: [1, 1, 1],
    ...rest,
  })

const configs = () => images.reduce((sum, { blobs }) => sum + (blobs.at(-1)?.size ?? 0), 0)
const all = () => shared.length + own.length + configs()
const failure = async (work: Promise<unknown>) =>
  await work.then(
    () => 'none',
    (error: { code: string; message: string; why: string }) => error,
  )

function expectWhole(): void {
  for (const { name, blobs, manifest } of images) {
    expect(registry.manifests.get(`cloud/images/${name}:2026.1-abc`)).toBe(manifest.text)
    for (const { digest } of blobs) expect(registry.blobs.has(`cloud/images/${name}@${digest}`)).toBe(true)
  }
}

describe('a push', () => {
  test('sends every blob once and has the rest taken over', async () => {
    await start()
    expect(await push()).toEqual({ sent: 4, sentBytes: all(), mounted: 1, imagesThere: 0 })
    expectWhole()
    expect(registry.uploadedBytes).toBe(all())
  })

  test('of what is there asks once for every image, and sends nothing', async () => {
    await start()
    await push()
    const before = registry.requests.length
    expect(await push()).toEqual({ sent: 0, sentBytes: 0, mounted: 0, imagesThere: 2 })
    expect(registry.requests.slice(before).toSorted()).toEqual([
      'HEAD /v2/cloud/images/base/manifests/2026.1-abc',
      'HEAD /v2/cloud/images/nova/manifests/2026.1-abc',
    ])
  })

  test('goes on from the last byte that came when the connection breaks', async () => {
    await start()
    registry.faults.breakAfter = 130_000
    await push()
    expectWhole()
    expect(registry.uploadedBytes).toBe(all())
  })

  test('begins a blob anew when the registry has forgotten the upload', async () => {
    await start()
    registry.faults.forgets = true
    await push({ concurrency: 1 })
    expectWhole()
  })

  test('sends pieces as large as the registry asks for', async () => {
    await start({ smallestPiece: 60_000 })
    await push({ pieceBytes: 1000 })
    expectWhole()
    expect(registry.uploadedBytes).toBe(all())
  })

  test('does not send what the registry keeps elsewhere', async () => {
    await start({ elsewhere: true })
    await push({ images: images.slice(0, 1) })
    const before = registry.uploadedBytes
    await push()
    expectWhole()
    expect(registry.uploadedBytes - before).toBe(own.length + (images[1]?.blobs.at(-1)?.size ?? 0))
  })

  test('goes by TLS whatever the registry takes for its own address', async () => {
    await start({ behindProxy: true })
    await push()
    expectWhole()
  })

  test('waits for a registry that is busy', async () => {
    await start()
    registry.faults.busy = 3
    await push()
    expectWhole()
  })

  test('that the registry does not live through tells that it can be run again, which sends the rest', async () => {
    await start()
    await push({ images: images.slice(0, 1) })
    const before = registry.uploadedBytes
    registry.faults.busy = 100
    expect(await failure(push())).toMatchObject({ code: 'registry-lost' })
    registry.faults.busy = 0
    await push()
    expectWhole()
    expect(registry.uploadedBytes - before).toBe(all() - shared.length - (images[0]?.blobs.at(-1)?.size ?? 0))
  })

  test('ends at once when it is stopped', async () => {
    await start()
    registry.faults.busy = 100
    const stop = new AbortController()
    const pushed = push({ signal: stop.signal, pauses: [60_000] })
    setTimeout(() => stop.abort(new Error('enough')), 50)
    expect(await failure(pushed)).toMatchObject({ message: 'enough' })
  })
})

describe('a registry that asks who one is', () => {
  const login = { user: 'ada', password: 'pass:word' }
  const authFile = async (password: string, key = registry.host) => {
    const path = join(directory, 'auth.json')
    const auth = Buffer.from(`ada:${password}`).toString('base64')
    await writeFile(path, JSON.stringify({ auths: { [key]: { auth } } }))
    return { REGISTRY_AUTH_FILE: path }
  }

  test.each(['basic', 'token'] as const)('is told, by %s', async (by) => {
    await start({ login: { ...login, by } })
    await push({ env: await authFile('pass:word') })
    expectWhole()
    expect(registry.uploadedBytes).toBe(all())
  })

  test.each(['basic', 'token'] as const)('refuses a wrong password, which is not told again, by %s', async (by) => {
    await start({ login: { ...login, by } })
    const refused = await failure(push({ env: await authFile('hunter2') }))
    expect(refused).toMatchObject({ code: 'registry-refused', message: expect.stringContaining('does not accept') })
    expect(JSON.stringify(refused)).not.toMatch(/hunter2|aHVudGVyMg|YWRh/)
    expect(registry.uploadedBytes).toBe(0)
  })

  test('is told apart from one whose credentials are nowhere', async () => {
    await start({ login: { ...login, by: 'basic' } })
    expect(await failure(push({ env: await authFile('pass:word', 'elsewhere.example.org') }))).toMatchObject({
      code: 'registry-refused',
      message: expect.stringContaining('there are none for it'),
      why: expect.stringContaining('auth.json'),
    })
  })
})

test('a proxy of the environment is used, but for what it leaves out', async () => {
  await start()
  const asked: string[] = []
  const proxy = createServer().on('connect', (request, client) => {
    asked.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    upstream.pipe(client).pipe(upstream)
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  await push({ env: { HTTPS_PROXY, NO_PROXY: '127.0.0.1' } })
  expect(asked).toEqual([])
  await push({ env: { HTTPS_PROXY } })
  expect(new Set(asked)).toEqual(new Set([registry.host]))
  proxy.close()
})

describe('a registry that cannot be used', () => {
  test('does not answer', async () => {
    await start()
    await registry.close()
    expect(await failure(push({ pauses: [60_000] }))).toMatchObject({
      code: 'registry-unreachable',
      why: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('is vouched for by nobody', async () => {
    await start()
    expect(await failure(pushImages({ ...(await optionsWithoutCa()), pauses: [] }))).toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining('is not trusted here'),
      next: expect.stringContaining('--ca'),
    })
  })

  const optionsWithoutCa = async (): Promise<PushOptions> => ({
    to: registry.host,
    images,
    env: {},
    signal: new AbortController().signal,
    report: { step: async (_id, work) => await work(() => undefined) },
  })
})

describe('the digests of a registry', () => {
  const pins = async () =>
    await pinnedReferences({
      from: `${registry.host}/cloud/images`,
      images,
      ca: registry.ca,
      env: {},
      signal: new AbortController().signal,
    })

  test('are part of the references', async () => {
    await start()
    await push()
    expect(await pins()).toEqual({
      base: `${registry.host}/cloud/images/base:2026.1-abc@${images[0]?.manifest.digest}`,
      nova: `${registry.host}/cloud/images/nova:2026.1-abc@${images[1]?.manifest.digest}`,
    })
  })

  test('that are missing are told together', async () => {
    await start()
    expect(await failure(pins())).toMatchObject({ code: 'image-not-pushed' })
    await push({ images: images.slice(0, 1) })
    const missing = await failure(pins())
    expect(missing).toMatchObject({ message: expect.stringContaining('cloud/images/nova:2026.1-abc') })
    expect(missing).toMatchObject({ message: expect.not.stringContaining('images/base:') })
  })
})
