/** Before all integration tests: the Kubernetes programs, built once where the cache lacks them, instead of by every file at once. */
import { resolve } from 'node:path'
import { ensureBinaries } from '../../src/images/index.ts'

export default async function setup(): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const cacheDir = env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
  let said = 0
  const say = (line: string): void => {
    if (Date.now() - said < 30_000) return
    said = Date.now()
    process.stdout.write(`${line}\n`)
  }
  await ensureBinaries(
    { cacheDir, repoDir: resolve(import.meta.dirname, '../..'), env },
    { signal: new AbortController().signal, say },
  )
}
