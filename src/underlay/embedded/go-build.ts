/** Builds the programs from the pinned Go module; go.sum pins every byte that is downloaded. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { markUsed, type RunResult, run } from '../../host/index.ts'
import type { WorkOptions } from './binaries.ts'
import { cacheOf, type EmbeddedOptions } from './context.ts'
import { findGo, type GoToolchain } from './go-toolchain.ts'
import { kubernetesVersion } from './settings.ts'

/** Builds every `cmd/*` of the module into a directory, as static programs. */
export async function buildBinaries(
  options: Pick<EmbeddedOptions, 'cacheDir' | 'repoDir' | 'env'>,
  into: string,
  work: WorkOptions,
  commands: readonly string[] = ['./cmd/...'],
): Promise<void> {
  const module = join(options.repoDir, 'images/kubernetes')
  const go = await findGo(options, module, work)
  work.say('downloading the Go modules')
  await runGo(go, options, work, ['mod', 'download'])
  const flags = ['-trimpath', '-tags', 'providerless', '-ldflags', linkerFlags()]
  const { stdout } = await runGo(go, options, { ...work, say: () => undefined }, [
    'list',
    '-deps',
    ...flags,
    ...commands,
  ])
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
  await runGo(go, options, { ...work, say }, ['build', '-v', ...flags, '-o', `${into}/`, ...commands])
}

async function runGo(
  go: GoToolchain,
  options: Pick<EmbeddedOptions, 'cacheDir' | 'env'>,
  { signal, say }: WorkOptions,
  args: readonly string[],
): Promise<RunResult> {
  const cache = cacheOf(options.cacheDir).go
  await mkdir(cache, { recursive: true })
  await markUsed(cache)
  return await run('nice', ['-n', '5', ...go.command, ...args], {
    cwd: go.module,
    env: {
      ...options.env,
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
function linkerFlags(): string {
  const [major, minor] = kubernetesVersion.slice(1).split('.')
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((at) => [
    `-X ${at}.gitVersion=${kubernetesVersion}`,
    `-X ${at}.gitMajor=${major}`,
    `-X ${at}.gitMinor=${minor}`,
  ])
  return ['-s', '-w', ...stamps].join(' ')
}
