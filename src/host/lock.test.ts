import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatIdentity, identify } from './identity.ts'
import { acquireLock } from './lock.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-lock-'))
})
afterEach(async () => await rm(dir, { recursive: true }))

test('a second holder is refused, and may come when the first has gone', async () => {
  const path = join(dir, 'lock')
  const lock = await acquireLock(path)
  await expect(acquireLock(path)).rejects.toMatchObject({ code: 'already-running' })
  await lock.release()
  await (await acquireLock(path)).release()
  expect(await readdir(dir)).toEqual([])
})

test.each([
  ['of a process that ended', async () => formatIdentity({ pid: 2 ** 22 + 1, started: 'boot:1' })],
  [
    'whose process id is in use by another process',
    async () => formatIdentity({ pid: process.ppid, started: 'boot:1' }),
  ],
  ['that was cut off while it was written', async () => '12'],
])('a lock %s is taken over', async (_, content) => {
  const path = join(dir, 'lock')
  await writeFile(path, await content())
  await (await acquireLock(path)).release()
  expect(await readdir(dir)).toEqual([])
})

test('a lock of another living process stays', async () => {
  const parent = await identify(process.ppid)
  if (parent === undefined) throw new Error('no parent process')
  await writeFile(join(dir, 'lock'), formatIdentity(parent))
  await expect(acquireLock(join(dir, 'lock'))).rejects.toMatchObject({
    code: 'already-running',
    message: expect.stringContaining(String(process.ppid)),
  })
})
