/** Building an image while its mirror dies, its disk fills up, or it is killed: told clearly, nothing half-made, and then it goes on. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureImages } from '../../src/images/index.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const usersCache = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const program = join(import.meta.dirname, 'build-image.ts')
const debian = process.env['CROQUE_DEBIAN_MIRROR'] ?? 'http://deb.debian.org'
const directory = mkdtempSync(join(tmpdir(), 'croque-images-'))

/** Stands before the real mirror; gives out as many packages as told and then refuses. */
let mirror: Server
let packagesLeft = Number.POSITIVE_INFINITY
let packagesAsked = 0
const mirrorUrl = (): string => `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`

beforeAll(async () => {
  // The base layer is taken from the user's cache by hard links; what is above it is built here.
  const env = Object.fromEntries(Object.entries(process.env).map(([key, value]) => [key, value ?? '']))
  await ensureImages({
    repoDir,
    cacheDir: usersCache,
    release: '2026.1',
    names: ['base'],
    env,
    report: { step: async (_, work) => await work(() => undefined) },
    signal: new AbortController().signal,
  })
  mirror = createServer((asked, answer) => {
    const isPackage = asked.url?.endsWith('.deb') === true
    if (isPackage) packagesAsked += 1
    if (isPackage && packagesLeft <= 0) return void asked.socket.destroy()
    if (isPackage) packagesLeft -= 1
    const headers = { ...asked.headers, host: new URL(debian).host }
    const upstream = request(new URL(asked.url ?? '/', debian), { headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers)
      found.pipe(answer)
    })
    upstream.on('error', () => asked.socket.destroy())
    upstream.end()
  })
  await new Promise<void>((done) => mirror.listen(0, '127.0.0.1', done))
}, 600_000)

afterAll(() => {
  mirror.close()
  rmSync(directory, { recursive: true, force: true })
})

function cache(name: string): string {
  const own = join(directory, name)
  mkdirSync(join(own, 'images/layers'), { recursive: true })
  mkdirSync(join(own, 'images/blobs/sha256'), { recursive: true })
  const layers = join(usersCache, 'images/layers')
  for (const layer of readdirSync(layers).filter((entry) => /^(base|contract)-/.test(entry))) {
    spawnSync('cp', ['-al', join(layers, layer), join(own, 'images/layers', layer)])
    const { digest } = JSON.parse(readFileSync(join(layers, layer, 'layer.json'), 'utf8')) as { digest: string }
    const blob = join('images/blobs/sha256', digest.slice(7))
    spawnSync('cp', ['-al', join(usersCache, blob), join(own, blob)])
  }
  return own
}

interface Built {
  readonly digest?: string
  readonly code?: string
  readonly why?: string
  readonly next?: string
}

const args = (cacheDir: string): string[] => [program, repoDir, cacheDir, 'memcached', mirrorUrl()]

/** Runs the builder beside this program, which plays its mirror. */
async function build(cacheDir: string): Promise<Built> {
  const child = spawn(process.execPath, args(cacheDir), { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await new Promise((done) => child.once('close', done))
  return JSON.parse(said) as Built
}

/** Names of finished and of unfinished layers. */
const layersIn = (cacheDir: string): readonly string[] =>
  readdirSync(join(cacheDir, 'images/layers')).map((layer) => layer.replace(/-[0-9a-f]+$/, ''))
const unfinishedIn = (cacheDir: string): readonly string[] => {
  try {
    return readdirSync(join(cacheDir, 'images/building'))
  } catch {
    return []
  }
}

const mountsOf = (cacheDir: string): number =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(basename(cacheDir))).length

test('a mirror that dies halfway is told, leaves nothing half-made, and the next build ends as if nothing had been', async () => {
  const cacheDir = cache('mirror')
  packagesLeft = 1
  const failed = await build(cacheDir)
  expect(failed).toMatchObject({
    code: 'command-failed',
    why: expect.stringMatching(/Failed to fetch|Unable to fetch/),
  })
  expect(unfinishedIn(cacheDir)).toEqual([])
  expect(layersIn(cacheDir)).not.toContain('memcached')
  packagesLeft = Number.POSITIVE_INFINITY
  const { digest } = await build(cacheDir)
  expect(digest).toMatch(/^sha256:/)
  // Another machine makes the same bytes.
  packagesAsked = 0
  expect((await build(cache('other'))).digest).toBe(digest)
  // So do two at once that share a cache, and each layer is built once: whoever came second would take it away from under the first.
  const needed = packagesAsked
  packagesAsked = 0
  const shared = cache('shared')
  const both = await Promise.all([build(shared), build(shared)])
  expect(both.map((built) => built.digest)).toEqual([digest, digest])
  expect(packagesAsked).toBe(needed)
})

test('a build that is killed leaves no mount, and the next one clears up after it', async () => {
  const cacheDir = cache('killed')
  const child = spawn(process.execPath, args(cacheDir), { stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((done) => child.stderr.on('data', (chunk: Buffer) => chunk.includes('Unpacking') && done()))
  child.kill('SIGKILL')
  await new Promise((done) => child.once('exit', done))
  await expect.poll(() => mountsOf(cacheDir)).toBe(0)
  expect(layersIn(cacheDir)).not.toContain('memcached')
  expect(unfinishedIn(cacheDir)).toHaveLength(1)
  expect((await build(cacheDir)).digest).toMatch(/^sha256:/)
  expect(unfinishedIn(cacheDir)).toEqual([])
})

test('a full disk is told as one', () => {
  const cacheDir = cache('small')
  // A tmpfs in a mount namespace that ends with the build: the work goes there.
  const script =
    'mkdir -p "$1/images/building" && mount -t tmpfs -o size=2m tmpfs "$1/images/building" && shift && exec "$@"'
  const { stdout } = spawnSync(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-euc',
      script,
      'small',
      cacheDir,
      process.execPath,
      ...args(cacheDir).slice(0, -1),
      debian,
    ],
    { encoding: 'utf8' },
  )
  expect(JSON.parse(stdout)).toMatchObject({ code: 'disk-full', next: expect.stringContaining('space') })
  expect(layersIn(cacheDir)).not.toContain('memcached')
})
