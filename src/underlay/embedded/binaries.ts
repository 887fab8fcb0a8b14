/** The Kubernetes programs: from the cache, else the official release, else built from the Go module in `images/kubernetes`. */
import { existsSync } from 'node:fs'
import { mkdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { markUsed, removeTree } from '../../host/index.ts'
import { cacheOf, type EmbeddedOptions } from './context.ts'
import { digestOf, digestOfTree } from './digest.ts'
import { buildBinaries } from './go-build.ts'
import { downloadRelease, officialSites, releaseReachable } from './release.ts'
import { coreDnsVersion, etcdVersion, kubernetesVersion } from './settings.ts'

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

export interface WorkOptions {
  readonly signal: AbortSignal
  readonly say: (message: string) => void
}

/** Makes sure of the programs; some eight minutes on two cores when they must be built, nothing when they are in the cache. */
export async function ensureBinaries(
  options: Pick<EmbeddedOptions, 'cacheDir' | 'repoDir' | 'env'>,
  work: WorkOptions,
): Promise<Binaries> {
  const digest = await binariesDigest(options.repoDir)
  const dir = join(cacheOf(options.cacheDir).kubernetes, digest.slice(0, 16))
  if (await markUsed(dir)) return { dir, digest }
  const partial = `${dir}.${process.pid}.partial`
  await mkdir(partial, { recursive: true })
  try {
    await makeBinaries(options, partial, work)
    await rename(partial, dir).catch((error: unknown) => {
      if (!existsSync(dir)) throw error
    })
  } finally {
    await removeTree(partial)
  }
  return { dir, digest }
}

async function makeBinaries(
  options: Pick<EmbeddedOptions, 'cacheDir' | 'repoDir' | 'env'>,
  into: string,
  work: WorkOptions,
): Promise<void> {
  if (await releaseReachable(officialSites, work.signal)) {
    await downloadRelease(officialSites, into, work)
    await buildBinaries(options, into, work, ['./cmd/pause', './cmd/local-path-provisioner'])
    return
  }
  await buildBinaries(options, into, work)
  for (const program of programs) await symlink('kubernetes', join(into, program))
}

/** Digest of the Go module and the versions. */
async function binariesDigest(repoDir: string): Promise<string> {
  const module = await digestOfTree(join(repoDir, 'images/kubernetes'))
  return digestOf([kubernetesVersion, etcdVersion, coreDnsVersion, module, process.arch])
}

/** Name in the cache of the programs of these sources. */
export const binariesName = async (repoDir: string): Promise<string> => (await binariesDigest(repoDir)).slice(0, 16)
