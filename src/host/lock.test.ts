import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatIdentity, identify } from './identity.ts'
import { acquireLock, withLock } from './lock.ts'

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

test('works go one after the other, also when one fails, and the first one is not told to wait', async () => {
  const path = join(dir, 'lock')
  const said: string[] = []
  const { signal } = new AbortController()
  const waits = Promise.withResolvers<void>()
  const first = withLock(path, { signal, waiting: () => said.push('first waits') }, async () => {
    await waits.promise
    said.push('first fails')
    throw new Error('no')
  })
  await expect.poll(async () => await readdir(dir)).toEqual(['lock'])
  const second = withLock(path, { signal, waiting: waits.resolve }, async () => said.push('second'))
  await expect(first).rejects.toThrow('no')
  await second
  expect(said).toEqual(['first fails', 'second'])
})

test('whoever is interrupted waits no longer', async () => {
  const path = join(dir, 'lock')
  const lock = await acquireLock(path)
  const interrupted = new AbortController()
  const waiting = (): void => interrupted.abort(new Error('interrupted'))
  const waited = withLock(path, { signal: interrupted.signal, waiting }, async () => expect.unreachable())
  await expect(waited).rejects.toMatchObject({ name: 'AbortError' })
  await lock.release()
})
