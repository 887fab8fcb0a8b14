/** Where tests build, and from what: this repository, the user's cache, the environment of the run. */
import { resolve } from 'node:path'
import type { Workshop } from '../../src/images/index.ts'

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)

export const workshop: Workshop = {
  repoDir: resolve(import.meta.dirname, '../..'),
  cacheDir: env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque',
  env,
}
