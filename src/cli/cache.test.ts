import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CroqueEvent } from '../engine/index.ts'
import { cacheNames, pruneAfter, purgeCache } from './cache.ts'

const repoDir = resolve(import.meta.dirname, '../..')
let root: string
let cacheDir: string
let events: CroqueEvent[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'croque-cli-cache-'))
  cacheDir = join(root, 'cache')
  events = []
})
afterEach(async () => await rm(root, { recursive: true, force: true }))

const emit = (event: CroqueEvent): void => void events.push(event)

describe('after an up', () => {
  const prune = async (before: ReadonlySet<string>): Promise<void> => {
    const context = { cacheDir, repoDir, emit, signal: new AbortController().signal, now: Date.now }
    await pruneAfter(context, { stateDir: join(root, 'state/cloud') }, { before, archives: [] })
  }
  const layer = (name: string): string => join(cacheDir, 'images/layers', name)
  beforeEach(async () => {
    await mkdir(layer('old'), { recursive: true })
    await utimes(layer('old'), new Date(0), new Date(0))
  })

  test('that built something, what is old is removed', async () => {
    const before = await cacheNames(cacheDir)
    await mkdir(layer('new'))
    await prune(before)
    expect(await readdir(join(cacheDir, 'images/layers'))).toEqual(['new'])
    expect(events).toEqual([
      {
        type: 'notice',
        level: 'info',
        message: `1 thing in ${cacheDir} that nothing has used for 14 days is removed`,
      },
    ])
  })

  test('that built nothing, nothing is looked at', async () => {
    await prune(await cacheNames(cacheDir))
    expect(existsSync(layer('old'))).toBe(true)
    expect(events).toEqual([])
  })

  test('that went well, what goes wrong with the cache is only told', async () => {
    await mkdir(join(cacheDir, 'node-rootfs/other'), { recursive: true })
    await mkdir(join(root, 'state/broken'), { recursive: true })
    await writeFile(join(root, 'state/broken/underlay.json'), '{}')
    await prune(new Set())
    expect(events).toMatchObject([{ type: 'notice', level: 'warning' }])
    expect(existsSync(join(cacheDir, 'node-rootfs/other'))).toBe(true)
  })
})

describe('a purge', () => {
  const stateDir = (name: string): string => join(root, 'state', name)

  test('leaves the cache to another cloud that stands on it', async () => {
    await mkdir(cacheDir)
    await mkdir(stateDir('other'), { recursive: true })
    const record = { version: 1, apiPort: 1, rootfs: join(cacheDir, 'x'), binaries: '', addons: '', members: [] }
    await writeFile(join(stateDir('other'), 'underlay.json'), JSON.stringify(record))
    expect(await purgeCache({ cacheDir, emit }, { stateDir: stateDir('cloud') })).toBe(false)
    expect(existsSync(cacheDir)).toBe(true)
    expect(events).toMatchObject([
      { level: 'warning', message: `The cache ${cacheDir} stays: ${stateDir('other')} stands on it` },
    ])
  })

  test('leaves nothing, run by a Node of that very cache, which still says its last word', async () => {
    const node = join(cacheDir, 'node/24/bin/node')
    await mkdir(join(node, '..'), { recursive: true })
    await link(process.execPath, node).catch(() => copyFile(process.execPath, node))
    await writeFile(join(cacheDir, '.launcher'), '')
    const script = `
      const { purgeCache } = await import(${JSON.stringify(join(import.meta.dirname, 'cache.ts'))})
      const { ran, commandOf } = await import(${JSON.stringify(join(import.meta.dirname, 'fixture.ts'))})
      const work = commandOf(async (context) => {
        await purgeCache(context, { stateDir: ${JSON.stringify(stateDir('cloud'))} })
        return { summary: 'all is gone', next: ['./croque up'] }
      })
      const { stdout } = await ran(['work'], [work], { cacheDir: ${JSON.stringify(cacheDir)} })
      await import(${JSON.stringify(join(import.meta.dirname, 'commands/version.ts'))})
      process.stdout.write(stdout)
    `
    const env = { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: join(cacheDir, 'compile') }
    const { code, output } = await new Promise<{ code: number | null; output: string }>((done) => {
      const child = spawn(node, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { env })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
        })
      child.on('close', (exit) => done({ code: exit, output }))
    })
    expect({ code, output }).toEqual({ code: 0, output: 'all is gone\nNext:\n  ./croque up\n' })
    expect(existsSync(cacheDir) ? await readdir(cacheDir) : []).toEqual([])
  })
})
