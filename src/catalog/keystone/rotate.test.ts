import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCa } from '../../pki/index.ts'

const script = join(import.meta.dirname, 'rotate.py')
let account: string
let server: Server
let data: Record<string, string>
let version: number
let onRead: () => void

beforeEach(async () => {
  account = mkdtempSync(join(tmpdir(), 'croque-rotate-'))
  writeFileSync(join(account, 'token'), 'the-token')
  const ca = await createCa({ commonName: 'test', days: 1, now: new Date() })
  writeFileSync(join(account, 'ca.crt'), ca.cert)
  data = { '0': 'staged', '1': 'first' }
  version = 1
  onRead = () => undefined
  // As the API server has it: a PUT with an old version is a conflict.
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = (status: number): void =>
        void response.writeHead(status).end(JSON.stringify({ data, metadata: { resourceVersion: String(version) } }))
      if (request.method === 'GET') {
        answer(200)
        return onRead()
      }
      const sent = JSON.parse(Buffer.concat(chunks).toString()) as {
        data: typeof data
        metadata: { resourceVersion: string }
      }
      if (sent.metadata.resourceVersion !== String(version)) return answer(409)
      data = sent.data
      version += 1
      answer(200)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})

afterEach(() => {
  server.close()
  rmSync(account, { recursive: true })
})

const rotate = (keep: number) =>
  promisify(execFile)('python3', [script], {
    env: {
      ...process.env,
      ACCOUNT: account,
      SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      MAX_ACTIVE_KEYS: String(keep),
      POD_NAMESPACE: 'cloud',
      SECRET_NAME: 'keys',
    },
  })

test('the key that was staged becomes the primary, and every key stays for as long as a token made by it can live', async () => {
  const keep = 5
  // Round by round, the value of the key that tokens are made with.
  const primaries: string[] = []
  for (let round = 0; round < 12; round += 1) {
    const staged = data['0']
    await rotate(keep)
    const numbers = Object.keys(data).map(Number)
    const primary = data[String(Math.max(...numbers))] ?? ''
    expect(primary).toBe(staged)
    primaries.push(primary)
    const present = Object.values(data)
    expect(present).toHaveLength(Math.min(keep, round + 3))
    expect(new Set(present).size).toBe(present.length)
    // With `keep` keys one is staged, and the others are the primaries of the last rounds.
    for (const recent of primaries.slice(-(keep - 1))) expect(present).toContain(recent)
  }
})

test('of two rotations at once one fails, and no key is lost', async () => {
  onRead = () => {
    onRead = () => undefined
    version += 1
  }
  await expect(rotate(5)).rejects.toThrow('409')
  expect(data).toEqual({ '0': 'staged', '1': 'first' })
})
