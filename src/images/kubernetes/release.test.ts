import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../../host/index.ts'
import { checksumIn, downloadRelease, type ReleaseSites, releaseFiles, releaseReachable } from './release.ts'

const work = { signal: new AbortController().signal, say: () => undefined }
const version = 'v1.34.4'
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
let dir: string
let server: Server
let files: Map<string, Buffer>
let sites: ReleaseSites

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-release-'))
  files = new Map()
  server = createServer((request, response) => {
    const content = files.get(request.url ?? '')
    response.statusCode = content === undefined ? 404 : 200
    response.end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  sites = { kubernetes: `${base}/k8s`, etcd: `${base}/etcd`, coreDns: `${base}/coredns` }
  await publish(base)
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(dir, { recursive: true })
})

/** Puts every file of a release on the server, with the checksums that its project publishes. */
async function publish(base: string): Promise<void> {
  for (const file of releaseFiles(sites, version)) {
    const content =
      file.member === undefined
        ? Buffer.from(`the program ${file.program}`)
        : await tarOf(file.member, `the program ${file.program}`)
    const name = file.url.slice(file.url.lastIndexOf('/') + 1)
    const checksums = file.checksums.endsWith('SHA256SUMS')
      ? `${'0'.repeat(64)}  other\n${sha256(content)}  ${name}\n`
      : sha256(content)
    files.set(file.url.slice(base.length), content)
    files.set(file.checksums.slice(base.length), Buffer.from(checksums))
  }
}

async function tarOf(member: string, content: string): Promise<Buffer> {
  await run('mkdir', ['-p', join(dir, 'tar', member, '..')])
  await writeFile(join(dir, 'tar', member), content)
  await run('tar', ['-C', join(dir, 'tar'), '-czf', join(dir, 'made.tar.gz'), member])
  return await readFile(join(dir, 'made.tar.gz'))
}

test('every program arrives, verified and executable', async () => {
  expect(await releaseReachable(sites, version, work.signal)).toBe(true)
  const into = join(dir, 'bin')
  await downloadRelease(sites, version, { into, work })
  for (const { program } of releaseFiles(sites, version)) {
    expect(await readFile(join(into, program), 'utf8')).toBe(`the program ${program}`)
    expect((await stat(join(into, program))).mode & 0o111).toBe(0o111)
  }
})

test('a changed file is refused and not kept', async () => {
  const kubelet = [...files.keys()].find((path) => path.endsWith('/kubelet')) ?? ''
  files.set(kubelet, Buffer.from('something else'))
  await expect(downloadRelease(sites, version, { into: join(dir, 'bin'), work })).rejects.toMatchObject({
    code: 'checksum-mismatch',
  })
  expect(await readdir(join(dir, 'bin'))).not.toContain('kubelet')
})

test('a missing file says which', async () => {
  const kubectl = [...files.keys()].find((path) => path.endsWith('/kubectl')) ?? ''
  files.delete(kubectl)
  await expect(downloadRelease(sites, version, { into: join(dir, 'bin'), work })).rejects.toMatchObject({
    code: 'download-failed',
    message: expect.stringContaining('/kubectl answered 404'),
  })
})

test('a site without the release counts as not reachable', async () => {
  files.clear()
  expect(await releaseReachable(sites, version, work.signal)).toBe(false)
})

test.each([
  ['alone', `${'a'.repeat(64)}\n`],
  ['beside the name', `${'a'.repeat(64)}  file.tgz\n`],
  ['among others', `${'b'.repeat(64)}  other\n${'a'.repeat(64)} *file.tgz\n`],
])('a checksum %s is found', (_, text) => {
  expect(checksumIn(text, 'http://x/file.tgz')).toBe('a'.repeat(64))
})

test('a list without the file, or a page of something else, has no checksum', () => {
  expect(() => checksumIn(`${'b'.repeat(64)} one\n${'c'.repeat(64)} two\n`, 'http://x/file')).toThrow()
  expect(() => checksumIn('<html>', 'http://x/file')).toThrow()
})
