import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyDirectory, entryAt, markUsed, othersIn, pruneCache } from './index.ts'

const day = 86_400_000
const signal = new AbortController().signal
let cache: string

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'croque-cache-'))
})
afterEach(async () => await rm(cache, { recursive: true, force: true }))

async function entry(name: string, days: number): Promise<string> {
  const path = join(cache, name)
  await mkdir(path)
  await writeFile(join(path, 'file'), name)
  await utimes(path, new Date(Date.now() - days * day), new Date(Date.now() - days * day))
  return path
}
const others = (...kept: readonly string[]) => [async () => await othersIn(cache, new Set(kept))]

test('what is unnamed and old goes; what is named, young or just used stays', async () => {
  const [named, old, young, used] = [
    await entry('named', 30),
    await entry('old', 15),
    await entry('young', 13),
    await entry('used', 30),
  ]
  expect(await markUsed(used)).toBe(true)
  expect(await pruneCache(others('named'), { now: Date.now, signal })).toEqual([old])
  expect(await readdir(cache)).toEqual(['named', 'used', 'young'])
  expect([named, young].every((path) => existsSync(join(path, 'file')))).toBe(true)
})

test('what a killed run left is removed, also beside an entry of the same name', async () => {
  await entry('old.pruned', 20)
  await entry('old', 20)
  await pruneCache([async () => entryAt(join(cache, 'old'))], { now: Date.now, signal })
  expect(await readdir(cache)).toEqual([])
})

test('later lists are asked when earlier entries are gone', async () => {
  await entry('first', 20)
  const later = async () => ((await readdir(cache)).length === 0 ? [] : [join(cache, 'first')])
  expect(await pruneCache([...others(), later], { now: Date.now, signal })).toEqual([join(cache, 'first')])
})

test('it ends when it has taken long, or is told to', async () => {
  await entry('a', 20)
  await entry('b', 20)
  let time = Date.now()
  const slow = (): number => {
    time += 12_000
    return time
  }
  expect(await pruneCache(others(), { now: slow, signal })).toHaveLength(1)
  const stopped = AbortSignal.abort()
  expect(await pruneCache(others(), { now: Date.now, signal: stopped })).toEqual([])
})

test('a mark tells whether the entry is there', async () => {
  expect(await markUsed(join(cache, 'absent'))).toBe(false)
  const path = await entry('present', 20)
  await markUsed(path)
  expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(day)
})

test('a directory is emptied, one that is not there is empty', async () => {
  await entry('a', 1)
  await writeFile(join(cache, '.hidden'), '')
  await emptyDirectory(cache)
  await emptyDirectory(cache)
  expect(existsSync(cache)).toBe(false)
})
