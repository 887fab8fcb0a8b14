/** What lies in the cache of the underlay and is named by no present source and needed by no cloud. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { entryAt, othersIn, parseMountinfo, type Unnamed } from '../../host/index.ts'
import { binariesCache, binariesNames, builderPackages, goCache, rootfsCache, rootfsName } from '../../images/index.ts'
import { cloudsOn } from './clouds.ts'
import type { EmbeddedOptions } from './context.ts'
import { nodePackages } from './settings.ts'

/** What Go downloaded and compiled goes as a whole; the unpacked images are bounded by their number (`store.ts`). */
export function unnamedUnderlay(
  options: Pick<EmbeddedOptions, 'cacheDir' | 'repoDir' | 'stateDir'>,
): readonly Unnamed[] {
  const { cacheDir, repoDir } = options
  const present = new Set([nodePackages, builderPackages].map(rootfsName))
  return [
    async () => await othersIn(binariesCache(cacheDir), new Set(await binariesNames(repoDir))),
    async () => {
      const others = await othersIn(rootfsCache(cacheDir), present)
      if (others.length === 0) return []
      const needed = new Set([...(await cloudsOn(options)).map(({ rootfs }) => rootfs), ...(await lowerDirectories())])
      return others.filter((path) => !needed.has(path))
    },
    async () => entryAt(goCache(cacheDir)),
  ]
}

/** Lower directories of every overlay of this machine: those of nodes are mounted in namespaces of their own. */
async function lowerDirectories(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const seen = new Set<string>()
  const found: string[] = []
  for (const pid of pids) {
    const namespace = await readlink(join('/proc', pid, 'ns/mnt')).catch(() => undefined)
    if (namespace === undefined || seen.has(namespace)) continue
    seen.add(namespace)
    const text = await readFile(join('/proc', pid, 'mountinfo'), 'utf8').catch(() => '')
    found.push(...parseMountinfo(text).flatMap(({ superOptions }) => lowerOf(superOptions)))
  }
  return found
}

const lowerOf = (options: readonly string[]): readonly string[] =>
  options.flatMap((option) => (/^lowerdir\+?=(.*)$/.exec(option)?.[1] ?? '').split(':')).filter((path) => path !== '')
