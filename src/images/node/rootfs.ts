/** Root file systems of Debian packages, directories of the cache: the underlay's nodes share one read-only. */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { contained, digestOf, markUsed, removeTree, run } from '../../host/index.ts'
import type { WorkOptions, Workshop } from '../model.ts'
import { suite } from '../recipes.ts'

const mmdebstrapArgs = [
  '--variant=minbase',
  '--mode=root',
  '--aptopt=APT::Install-Recommends "false"',
  '--dpkgopt=force-unsafe-io',
  ...['doc', 'man', 'locale', 'info'].map((what) => `--dpkgopt=path-exclude=/usr/share/${what}/*`),
  '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*.log "$1"/etc/hostname "$1"/etc/resolv.conf "$1"/etc/machine-id',
  '--customize-hook=mkdir -p "$1"/lib/modules',
]

/** Name in the cache of the root file system with these packages. */
export const rootfsName = (packages: readonly string[]): string =>
  digestOf([suite, ...mmdebstrapArgs, ...packages]).slice(0, 16)

/** Where in the cache the root file systems are, a directory each. */
export const rootfsCache = (cacheDir: string): string => join(cacheDir, 'node-rootfs')

/** The directory of a Debian root file system with these packages, made when the cache does not have it (about half a minute). */
export async function ensureRootfs(
  options: Pick<Workshop, 'cacheDir' | 'env'>,
  { signal, say }: WorkOptions,
  packages: readonly string[],
): Promise<string> {
  const directory = join(rootfsCache(options.cacheDir), rootfsName(packages))
  if (await markUsed(directory)) return directory
  await mkdir(rootfsCache(options.cacheDir), { recursive: true })
  // What is being made lies one below: unpacked, it is as old as the packages in it, and old things that nothing names are removed.
  const partial = `${directory}.${process.pid}.partial`
  const tree = join(partial, 'root')
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial)
  try {
    await run(
      contained[0],
      [...contained.slice(1), 'mmdebstrap', ...mmdebstrapArgs, `--include=${packages.join(',')}`, suite, tree],
      {
        env: options.env,
        signal,
        onLine: (line) => say(line.replace(/^I: /, '')),
      },
    )
    await markUsed(tree)
    await rename(tree, directory).catch(async (error: unknown) => {
      if (!existsSync(directory)) throw error
    })
  } finally {
    await removeTree(partial)
  }
  return directory
}
