/** Images through a real registry and back: with TLS and a password, and with its death in the middle. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureImages, type ImageState, imageStates, pinnedReferences, pushImages } from '../../src/images/index.ts'
import { password, type RegistryServer, registryServer, user } from './registry-server.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const release = '2026.1'
/** Two that share their largest layer. */
const names = ['base', 'haproxy']

type Built = ImageState & Required<Pick<ImageState, 'built'>>
let images: readonly Built[]
let directory: string
let server: RegistryServer

const signal = new AbortController().signal
const report = { step: async <T>(_id: string, work: (say: () => void) => Promise<T>) => await work(() => undefined) }
const env = Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => !!pair[1]))

beforeAll(async () => {
  await ensureImages({ repoDir, cacheDir, release, names, env, report, signal })
  images = imageStates({ repoDir, cacheDir, release }).filter(
    (image): image is Built => names.includes(image.name) && image.built !== undefined,
  )
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-registry-'))
  server = await registryServer(join(directory, 'server'), cacheDir)
  await server.start()
  await writeFile(join(directory, 'ca.pem'), server.ca)
})
afterEach(async () => {
  await server.kill()
  await rm(directory, { recursive: true })
})

const blobsOf = (some: readonly Built[]) =>
  new Map(some.flatMap(({ built }) => built.blobs.map((blob) => [blob.digest, blob] as const)))

const sharedBlobs = (): number => images.reduce((sum, { built }) => sum + built.blobs.length, 0) - blobsOf(images).size

async function authFile(secret = password): Promise<string> {
  const path = join(directory, 'auth.json')
  const auth = Buffer.from(`${user}:${secret}`).toString('base64')
  const hosts = [server.port, line?.port].filter((port) => port !== undefined)
  await writeFile(
    path,
    JSON.stringify({ auths: Object.fromEntries(hosts.map((port) => [`127.0.0.1:${port}`, { auth }])) }),
  )
  return path
}

interface Ran {
  readonly exit: number | null
  readonly output: string
  readonly data?: unknown
}

/** `./croque image push` of the two images. */
async function push(registry: string, secret = password): Promise<Ran> {
  const argv = ['image', 'push', ...names, '--registry', registry, '--ca', join(directory, 'ca.pem'), '-o', 'json']
  const child: ChildProcess = spawn(process.execPath, [join(repoDir, 'src/cli/main.ts'), ...argv], {
    env: { ...env, CROQUE_CACHE_DIR: cacheDir, REGISTRY_AUTH_FILE: await authFile(secret) },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [exit] = (await once(child, 'close')) as [number | null]
  const data = output.split('\n').find((line) => line.includes('"type":"data"'))
  return { exit, output, ...(data === undefined ? {} : { data: (JSON.parse(data) as { data: unknown }).data }) }
}

/** What the server gives, asked for without any of our client. */
async function fetched(path: string): Promise<{ readonly status: number; readonly body: Buffer }> {
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' }
  const options = { ca: server.ca, auth: `${user}:${password}`, agent: false as const, headers }
  return await new Promise((done, failed) => {
    get(`https://127.0.0.1:${server.port}/v2/${path}`, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', failed)
      response.on('end', () => done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    }).on('error', failed)
  })
}

const sha256 = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

async function expectWhole(prefix: string): Promise<void> {
  for (const { name, reference, built } of images) {
    const tag = reference.split(':')[1]
    const manifest = (await fetched(`${prefix}/${name}/manifests/${tag}`)).body
    expect([name, sha256(manifest)]).toEqual([name, built.manifest.digest])
    for (const { digest, content } of built.blobs) {
      const { body } = await fetched(`${prefix}/${name}/blobs/${digest}`)
      const expected = typeof content === 'string' ? Buffer.from(content) : await readFile(content.file)
      expect([name, digest, body.equals(expected)]).toEqual([name, digest, true])
    }
  }
}

test('images come back byte for byte, their shared layers were sent once, and a second push sends nothing', async () => {
  const registry = `127.0.0.1:${server.port}/team/croque`
  const first = await push(registry)
  expect(first).toMatchObject({ exit: 0 })
  const sizes = [...blobsOf(images).values()].map(({ size }) => size)
  expect(first.data).toMatchObject({ sent: sizes.length, sentBytes: sizes.reduce((sum, size) => sum + size, 0) })
  expect(first.data).toMatchObject({ mounted: sharedBlobs(), imagesThere: 0 })
  await expectWhole('team/croque')
  const again = await push(registry)
  expect(again.data).toMatchObject({ sent: 0, mounted: 0, imagesThere: 2 })

  const pins = await pinnedReferences({
    from: registry,
    images,
    ca: server.ca,
    env: { REGISTRY_AUTH_FILE: await authFile() },
    signal,
  })
  for (const { name } of images) expect(pins[name]).toContain(`/${name}:${release}-`)
  expect(Object.values(pins).map((pin) => pin.split('@')[1])).toEqual(images.map(({ built }) => built.manifest.digest))
})

test('a wrong password is told, and stands in no output', async () => {
  const { exit, output } = await push(`127.0.0.1:${server.port}`, 'battery staple')
  expect(exit).toBe(1)
  expect(output).toContain('"code":"registry-refused"')
  expect(output).toContain('does not accept the credentials')
  for (const secret of ['battery staple', Buffer.from(`${user}:battery staple`).toString('base64')])
    expect(output).not.toContain(secret)
})

/** A line to the server that counts what goes over it and does something at a certain byte. */
interface Line {
  readonly port: number
  sent: number
  at: { readonly byte: number; readonly act: () => void } | undefined
  close(): void
}
let line: Line | undefined

async function lineTo(port: number): Promise<Line> {
  const relay: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('data', (chunk) => {
      made.sent += chunk.length
      const { at } = made
      if (at === undefined || made.sent < at.byte) return
      made.at = undefined
      at.act()
    })
    client.pipe(upstream).pipe(client)
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const made: Line = {
    port: (relay.address() as AddressInfo).port,
    sent: 0,
    at: undefined,
    close: () => void relay.close(),
  }
  return made
}

describe('a registry that is killed in the middle of a push', () => {
  const largest = () => Math.max(...[...blobsOf(images).values()].map(({ size }) => size))
  let there: Line
  beforeEach(async () => {
    there = await lineTo(server.port)
    line = there
  })
  afterEach(() => {
    there.close()
    line = undefined
  })

  test('and comes back is waited for', async () => {
    const byte = Math.round(largest() / 2)
    there.at = { byte, act: () => void server.kill().then(async () => await server.start()) }
    expect(await push(`127.0.0.1:${there.port}`)).toMatchObject({ exit: 0 })
    expect(there.at).toBeUndefined()
    for (const { name, built } of images)
      expect((await fetched(`${name}/manifests/${built.manifest.digest}`)).status).toBe(200)
  })

  test('and does not come back is told; the next push sends the rest and nothing else', async () => {
    const dead = new Promise<void>((done) => {
      there.at = { byte: largest() + 700_000, act: () => void server.kill().then(done) }
    })
    const options = {
      to: `127.0.0.1:${there.port}`,
      images: images.map(({ built, ...ref }) => ({ ...ref, ...built })),
      ca: server.ca,
      env: { REGISTRY_AUTH_FILE: await authFile() },
      report,
      signal,
      concurrency: 1,
    }
    await expect(pushImages({ ...options, pauses: [100, 100] })).rejects.toMatchObject({
      code: 'registry-lost',
      next: expect.stringContaining('only what is missing is sent'),
    })
    await dead
    await server.start()

    const kept = new Set<string>()
    for (const { name, built } of images)
      for (const { digest } of built.blobs)
        if ((await fetched(`${name}/blobs/${digest}`)).status === 200) kept.add(digest)
    const missing = [...blobsOf(images).values()].filter(({ digest }) => !kept.has(digest))
    expect([kept.size > 0, missing.length > 0]).toEqual([true, true])
    const rest = missing.reduce((sum, { size }) => sum + size, 0)

    there.sent = 0
    expect(await pushImages(options)).toMatchObject({ sent: missing.length, sentBytes: rest })
    expect(there.sent).toBeGreaterThan(rest)
    expect(there.sent).toBeLessThan(rest * 1.01 + 100_000)
  })
})

afterAll(() => line?.close())
