import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateCephKey, generateFernetKey, generatePassword, sshKeyPair } from './index.ts'

test('passwords have their length and are letters and digits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      (length) => void expect(generatePassword(length)).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`)),
    ),
  )
})

test('every letter is equally likely: bytes beyond the last whole alphabet are thrown away', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  const counts = new Map<string, number>()
  for (const letter of generatePassword(248, () => bytes)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  expect(counts.size).toBe(62)
  expect(new Set(counts.values())).toEqual(new Set([4]))
})

test('a key of Ceph is kind, time, length and bytes', () => {
  const key = Buffer.from(
    generateCephKey(new Date('2026-04-01T00:00:00.500Z'), (count) => Buffer.alloc(count, 7)),
    'base64',
  )
  expect(key.toString('hex')).toBe(`01000060cc690065cd1d1000${'07'.repeat(16)}`)
})

test('a Fernet key is URL-safe base64 of 32 bytes', () => {
  expect(generateFernetKey(() => Buffer.alloc(32, 0xff))).toBe('__________________________________________8=')
  expect(Buffer.from(generateFernetKey(), 'base64url')).toHaveLength(32)
  expect(generateFernetKey()).toHaveLength(44)
})

test('an SSH public key is a well-formed ed25519 blob', () => {
  const [type, blob, comment] = sshKeyPair('croque@cloud').publicKey.split(' ')
  const bytes = Buffer.from(blob ?? '', 'base64')
  expect([type, comment, bytes.length]).toEqual(['ssh-ed25519', 'croque@cloud', 51])
  expect(bytes.subarray(4, 15).toString()).toBe('ssh-ed25519')
})

test.skipIf(spawnSync('ssh-keygen', ['-?']).error !== undefined).each(['', 'c', 'croque', 'a comment of any length'])(
  'ssh-keygen reads the private key (comment %j)',
  (comment) => {
    const directory = mkdtempSync(join(tmpdir(), 'croque-ssh-'))
    try {
      const pair = sshKeyPair(comment)
      writeFileSync(join(directory, 'key'), pair.privateKey, { mode: 0o600 })
      const result = spawnSync('ssh-keygen', ['-y', '-f', join(directory, 'key')], { encoding: 'utf8' })
      expect(result.stderr).toBe('')
      expect(result.stdout.trim()).toBe(pair.publicKey.trim())
    } finally {
      rmSync(directory, { recursive: true })
    }
  },
)
