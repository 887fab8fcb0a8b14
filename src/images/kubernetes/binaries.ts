/** The Kubernetes programs: from the cache, else the official release, else built from the Go module in `images/kubernetes`. */
import { mkdir, rename, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { digestOf, digestOfTree, markUsed, removeTree, withLock } from '../../host/index.ts'
import type { WorkOptions, Workshop } from '../model.ts'
import { buildBinaries, modFile } from './go-build.ts'
import { downloadRelease, officialSites, releaseReachable } from './release.ts'
import {
  coreDnsVersion,
  etcdVersion,
  type KubernetesVersion,
  kubernetesVersion,
  kubernetesVersions,
} from './versions.ts'

export interface Binaries {
  /** Directory with the `programs` (files, or links to the one file `kubernetes`), `kubectl`, `coredns`, `pause`, `local-path-provisioner`. */
  readonly dir: string
  /** Hex digest of everything that they are made from. */
  readonly digest: string
}

/** Kubernetes' and etcd's programs; built here they are one file that looks at the name it is called by. */
export const programs = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubelet',
] as const

/** Makes sure of the programs; some eight minutes on two cores when they must be built, nothing when they are in the cache. */
export async function ensureBinaries(
  shop: Workshop,
  work: WorkOptions,
  version: KubernetesVersion = kubernetesVersion,
): Promise<Binaries> {
  const digest = await binariesDigest(shop.repoDir, version)
  const dir = join(binariesCache(shop.cacheDir), digest.slice(0, 16))
  await madeOnce(shop, work, { dir, make: async (into) => await makeBinaries(shop, version, { into, work }) })
  return { dir, digest }
}

/** A directory of programs in the cache that is made once: by one process at a time, whole or not at all. `make` is given another place. */
export async function madeOnce(
  { cacheDir }: Pick<Workshop, 'cacheDir'>,
  { signal, say }: WorkOptions,
  { dir, make }: { readonly dir: string; readonly make: (into: string) => Promise<void> },
): Promise<void> {
  if (await markUsed(dir)) return
  const waiting = (): void => say('waits for another croque that builds them')
  await withLock(join(cacheDir, 'locks', `kubernetes-${basename(dir)}`), { signal, waiting }, async () => {
    if (await markUsed(dir)) return
    const partial = `${dir}.${process.pid}.partial`
    await mkdir(partial, { recursive: true })
    try {
      await make(partial)
      await rename(partial, dir)
    } finally {
      await removeTree(partial)
    }
  })
}

async function makeBinaries(
  shop: Workshop,
  version: KubernetesVersion,
  { into, work }: { readonly into: string; readonly work: WorkOptions },
): Promise<void> {
  if (await releaseReachable(officialSites, version, work.signal)) {
    await downloadRelease(officialSites, version, { into, work })
    await buildBinaries(shop, version, { into, work, commands: ['./cmd/pause', './cmd/local-path-provisioner'] })
    return
  }
  await buildBinaries(shop, version, { into, work })
  for (const program of programs) await symlink('kubernetes', join(into, program))
}

/** Digest of the Go module and the versions. Of the files that pin modules only those of the version count. */
export async function binariesDigest(repoDir: string, version: KubernetesVersion): Promise<string> {
  const locks = kubernetesVersions.flatMap((each) => [modFile(each), modFile(each).replace(/mod$/, 'sum')])
  const own = new Set([modFile(version), modFile(version).replace(/mod$/, 'sum')])
  const module = await digestOfTree(
    join(repoDir, 'images/kubernetes'),
    (path) => own.has(path) || !locks.includes(path),
  )
  return digestOf([version, etcdVersion, coreDnsVersion, module, process.arch])
}

/** Where in the cache the programs are, a directory a digest. */
export const binariesCache = (cacheDir: string): string => join(cacheDir, 'kubernetes')

/** Names in the cache of the programs of these sources, of all versions. */
export const binariesNames = async (repoDir: string): Promise<readonly string[]> =>
  await Promise.all(kubernetesVersions.map(async (version) => (await binariesDigest(repoDir, version)).slice(0, 16)))
