/** One writer at a time: a lock file that names its holder, so that a dead holder's lock is nobody's. */
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { formatIdentity, identify, isAlive, parseIdentity } from './identity.ts'

export interface Lock {
  release(): Promise<void>
}

/** Takes the lock or throws `already-running` naming the process that holds it. Never waits. */
export async function acquireLock(path: string): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true })
  const self = await identify(process.pid)
  if (self === undefined) throw new CroqueError('internal', { what: 'this process is not in /proc' })
  const own = `${path}.${randomUUID()}`
  const text = formatIdentity(self)
  await writeFile(own, text, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      if (await linked(own, path)) return { release: async () => await release(path, text) }
      await dropDeadHolder(path)
    }
  } finally {
    await rm(own, { force: true })
  }
  throw new CroqueError('already-running', { what: `the lock ${path} changes hands all the time` })
}

/** Works with the lock, after whoever has it; `waiting` is called once when somebody has. */
export async function withLock<T>(
  path: string,
  { signal, waiting }: { readonly signal: AbortSignal; readonly waiting: () => void },
  work: () => Promise<T>,
): Promise<T> {
  let lock = await unlessHeld(path)
  if (lock === undefined) waiting()
  while (lock === undefined) {
    await sleep(300, undefined, { signal })
    lock = await unlessHeld(path)
  }
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function unlessHeld(path: string): Promise<Lock | undefined> {
  return await acquireLock(path).catch((error: unknown) => {
    if (error instanceof CroqueError && error.code === 'already-running') return undefined
    throw error
  })
}

async function linked(own: string, path: string): Promise<boolean> {
  return await link(own, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

async function dropDeadHolder(path: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => undefined)
  if (held === undefined) return
  const holder = parseIdentity(held)
  if (holder !== undefined && (await isAlive(holder))) {
    throw new CroqueError('already-running', {
      what: `process ${holder.pid} is already working on this installation`,
      why: `it holds the lock ${path}`,
    })
  }
  // Renamed and looked at again, since another starter may have replaced the dead lock by its own between reading and removing.
  const aside = `${path}.dead.${process.pid}`
  await rename(path, aside).catch(() => undefined)
  const taken = await readFile(aside, 'utf8').catch(() => undefined)
  if (taken !== undefined && taken !== held) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

async function release(path: string, text: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => undefined)
  if (held === text) await rm(path, { force: true })
}
