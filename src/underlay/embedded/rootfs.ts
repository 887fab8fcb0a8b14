/** The nodes' root file system: Debian packages in a directory of the cache, shared read-only by all nodes. */
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { contained, markUsed, removeTree, run } from '../../host/index.ts'
import { cacheOf, type EmbeddedOptions } from './context.ts'
import { digestOf } from './digest.ts'
import { debianSuite, nodePackages } from './settings.ts'

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
  digestOf([debianSuite, ...mmdebstrapArgs, ...packages]).slice(0, 16)

export interface RootfsOptions {
  readonly signal: AbortSignal
  readonly say: (message: string) => void
}

/** The directory of a Debian root file system with these packages, made when the cache does not have it (about half a minute). */
export async function ensureRootfs(
  options: Pick<EmbeddedOptions, 'cacheDir' | 'env'>,
  { signal, say }: RootfsOptions,
  packages: readonly string[] = nodePackages,
): Promise<string> {
  const directory = join(cacheOf(options.cacheDir).rootfs, rootfsName(packages))
  if (await markUsed(directory)) return directory
  await mkdir(cacheOf(options.cacheDir).rootfs, { recursive: true })
  const partial = `${directory}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  try {
    await run(
      contained[0],
      [...contained.slice(1), 'mmdebstrap', ...mmdebstrapArgs, `--include=${packages.join(',')}`, debianSuite, partial],
      {
        env: options.env,
        signal,
        onLine: (line) => say(line.replace(/^I: /, '')),
      },
    )
    await rename(partial, directory).catch(async (error: unknown) => {
      if (!existsSync(directory)) throw error
    })
  } finally {
    await removeTree(partial)
  }
  return directory
}
