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
  const what = 'the Kubernetes programs (about eight minutes on two cores)'
  const module = join(shop.repoDir, 'images/kubernetes')
  await buildPrograms(shop, { module, modFile: modFile(version), version, commands, what }, { into, work })
}

export interface GoPrograms {
  /** Directory of the module. */
  readonly module: string
  /** @default go.mod */
  readonly modFile?: string
  /** What they say of themselves. */
  readonly version: KubernetesVersion
  /** Main packages, of this module or of what it requires. */
  readonly commands: readonly string[]
  /** A package whose tests become a program: `<last part of its path>.test`. */
  readonly tests?: string
  /** What they are, and how long they take, for who waits. */
  readonly what: string
}

/** Builds them into a directory, as static programs. All share the cache of Go: they are built with the same flags. */
export async function buildPrograms(
  shop: Workshop,
  { module, modFile: file = 'go.mod', version, commands, tests, what }: GoPrograms,
  { into, work }: Pick<BuildBinaries, 'into' | 'work'>,
): Promise<void> {
  const go = await findGo(shop, module, work)
  const mod = `-modfile=${file}`
  work.say('downloading the Go modules')
  await runGo(go, shop, work, ['mod', 'download', mod])
  const flags = [mod, '-trimpath', '-tags', 'providerless', '-ldflags', linkerFlags(version)]
  const quiet = { ...work, say: () => undefined }
  const imports =
    tests === undefined ? [] : words(await runGo(go, shop, quiet, ['list', '-f', testImports, ...flags, tests]))
  const { stdout } = await runGo(go, shop, quiet, ['list', '-deps', ...flags, ...commands, ...imports])
  const packages = words({ stdout }).length
  work.say(`building ${what}`)
  let built = 0
  const say = (line: string): void => {
    // With -v the compiler names every package that it takes on; anything else is a complaint.
    built += 1
    work.say(
      /^[\w.]+(\/[\w.~-]+)*$/.test(line)
        ? `building ${what.replace(/ \(.*/, '')}: ${built} of ${packages} packages`
        : line,
    )
  }
  await runGo(go, shop, { ...work, say }, ['build', '-v', ...flags, '-o', `${into}/`, ...commands])
  if (tests === undefined) return
  // What a test is made of first: `test -c` itself names nothing.
  await runGo(go, shop, { ...work, say }, ['build', '-v', ...flags, ...imports])
  await runGo(go, shop, work, ['test', '-c', '-vet=off', ...flags, '-o', `${into}/`, tests])
}

const testImports = '{{join .TestImports "\\n"}}'

const words = ({ stdout }: Pick<RunResult, 'stdout'>): readonly string[] => stdout.trimEnd().split('\n')

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
