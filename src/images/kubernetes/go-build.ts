/** Builds the programs from the pinned Go module; go.sum pins every byte that is downloaded. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { markUsed, type RunResult, run } from '../../host/index.ts'
import type { WorkOptions, Workshop } from '../model.ts'
import { findGo, type GoToolchain } from './go-toolchain.ts'
import { type KubernetesVersion, kubernetesVersion, minorOf } from './versions.ts'

export interface BuildBinaries {
  /** Directory of the finished programs. */
  readonly into: string
  readonly work: WorkOptions
  /** @default every `cmd/*` of the module */
  readonly commands?: readonly string[]
}

/** Which file of `images/kubernetes` pins the modules of a version. The sources are the same for all: Go takes another go.mod, with the go.sum beside it, by `-modfile`. */
export const modFile = (version: KubernetesVersion): string =>
  version === kubernetesVersion ? 'go.mod' : `${minorOf(version)}/go.mod`

/** Builds commands of the module into a directory, as static programs. */
export async function buildBinaries(
  shop: Workshop,
  version: KubernetesVersion,
  { into, work, commands = ['./cmd/...'] }: BuildBinaries,
): Promise<void> {
  const module = join(shop.repoDir, 'images/kubernetes')
  const go = await findGo(shop, module, work)
  const mod = `-modfile=${modFile(version)}`
  work.say('downloading the Go modules')
  await runGo(go, shop, work, ['mod', 'download', mod])
  const flags = [mod, '-trimpath', '-tags', 'providerless', '-ldflags', linkerFlags(version)]
  const { stdout } = await runGo(go, shop, { ...work, say: () => undefined }, ['list', '-deps', ...flags, ...commands])
  const packages = stdout.trimEnd().split('\n').length
  work.say('building the Kubernetes programs (about eight minutes on two cores)')
  let built = 0
  const say = (line: string): void => {
    // With -v the compiler names every package that it takes on; anything else is a complaint.
    built += 1
    work.say(
      /^[\w.]+(\/[\w.~-]+)*$/.test(line) ? `building the Kubernetes programs: ${built} of ${packages} packages` : line,
    )
  }
  await runGo(go, shop, { ...work, say }, ['build', '-v', ...flags, '-o', `${into}/`, ...commands])
}

/** Where Go keeps what it has downloaded and compiled. */
export const goCache = (cacheDir: string): string => join(cacheDir, 'go')

/** In the module's directory, with the cache's own modules and objects. */
export async function runGo(
  go: GoToolchain,
  shop: Pick<Workshop, 'cacheDir' | 'env'>,
  { signal, say }: WorkOptions,
  args: readonly string[],
): Promise<RunResult> {
  const cache = goCache(shop.cacheDir)
  await mkdir(cache, { recursive: true })
  await markUsed(cache)
  return await run('nice', ['-n', '5', ...go.command, ...args], {
    cwd: go.module,
    env: {
      ...shop.env,
      GOMODCACHE: join(cache, 'mod'),
      GOCACHE: join(cache, 'build'),
      GOPATH: join(cache, 'path'),
      GOFLAGS: '-modcacherw -buildvcs=false',
      GOTOOLCHAIN: 'auto',
      CGO_ENABLED: '0',
      ...go.env,
    },
    signal,
    onLine: say,
  })
}

/** Kubernetes' own release build stamps these; without them kubeadm refuses to work. */
function linkerFlags(version: KubernetesVersion): string {
  const [major, minor] = version.slice(1).split('.')
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((at) => [
    `-X ${at}.gitVersion=${version}`,
    `-X ${at}.gitMajor=${major}`,
    `-X ${at}.gitMinor=${minor}`,
  ])
  return ['-s', '-w', ...stamps].join(' ')
}
