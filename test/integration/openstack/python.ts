/**
 * Programs written in Python, for tests only: virtual environments made by uv from lock files with hashes, kept in the cache under the
 * hash of what is in them. A machine makes each of them once, in seconds.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../../../src/errors/index.ts'
import { acquireLock, type Lock, run } from '../../../src/host/index.ts'
import { needPackages } from '../../e2e/packages.ts'

const uvLock = resolve(import.meta.dirname, '../../../images/openstack/uv.lock')
/** Debian's own, which every machine of the project has: what lies in a home directory may be another one tomorrow. */
const interpreter = '/usr/bin/python3'

export interface PythonOptions {
  readonly cacheDir: string
  /** Where pip and uv learn which package index to ask. */
  readonly env: Readonly<Record<string, string>>
}

/** The cache and the environment of the test run. */
export function pythonOptions(): PythonOptions {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return { cacheDir: env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque', env }
}

/** The directory of a virtual environment that holds just what the lock file says. */
export async function ensurePython(lockFile: string, options: PythonOptions): Promise<string> {
  const uv = await ensureUv(options)
  const name = lockFile.replace(/^.*\/|\.lock$/g, '')
  const at = join(options.cacheDir, 'python', `${name}-${await hashOf(uvLock, lockFile)}`)
  await makeOnce(at, async () => {
    await run(uv, ['venv', '--quiet', '--clear', '--python', interpreter, at], options)
    const flags = ['--quiet', '--no-progress', '--no-cache', '--no-deps', '--require-hashes', '--compile-bytecode']
    await run(uv, ['pip', 'install', ...flags, '--python', join(at, 'bin/python'), '-r', lockFile], options)
  })
  return at
}

async function ensureUv(options: PythonOptions): Promise<string> {
  const at = join(options.cacheDir, 'python', `uv-${await hashOf(uvLock)}`)
  await makeOnce(at, async () => {
    await needPackages('python3-venv')
    await run(interpreter, ['-m', 'venv', '--clear', at], options)
    await run(join(at, 'bin/pip'), ['install', '--quiet', '--no-deps', '--require-hashes', '-r', uvLock], options)
  })
  return join(at, 'bin/uv')
}

async function hashOf(...files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

/** Makes a directory's content unless it was made to its end before; others who want it at the same moment wait. */
export async function makeOnce(directory: string, make: () => Promise<void>): Promise<void> {
  const mark = `${directory}.made`
  if (await isThere(mark)) return
  await mkdir(dirname(directory), { recursive: true })
  const lock = await waitForLock(`${directory}.lock`)
  try {
    if (await isThere(mark)) return
    await rm(directory, { recursive: true, force: true })
    await make()
    await writeFile(mark, '')
  } finally {
    await lock.release()
  }
}

const isThere = async (path: string): Promise<boolean> =>
  await readFile(path).then(
    () => true,
    () => false,
  )

async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const lock = await acquireLock(path).catch((error: unknown) => {
      if (error instanceof CroqueError && error.code === 'already-running') return undefined
      throw error
    })
    if (lock !== undefined) return lock
    await sleep(200)
  }
}
