/** Finds a Go that can build the module: on PATH, else Debian's in a root file system of its own. */
import { mkdir } from 'node:fs/promises'
import { run } from '../../host/index.ts'
import type { WorkOptions, Workshop } from '../model.ts'
import { ensureRootfs } from '../node/rootfs.ts'

export interface GoToolchain {
  /** Program and arguments before Go's own. */
  readonly command: readonly string[]
  /** Directory of the module, as the toolchain sees it through the working directory. */
  readonly module: string
  readonly env: Readonly<Record<string, string>>
}

/** The first Go that knows toolchain switching: it fetches what go.mod asks for from the module proxy by itself. */
const oldest = [1, 21] as const

/** What the builder root is made of. */
export const builderPackages: readonly string[] = ['ca-certificates', 'golang-go']

/** Go from PATH when it is new enough; else Debian's, put into a builder root in the cache. */
export async function findGo(
  options: Pick<Workshop, 'cacheDir' | 'env'>,
  module: string,
  work: WorkOptions,
): Promise<GoToolchain> {
  const version = await run('go', ['env', 'GOVERSION'], { env: options.env, okCodes: [0, 1, 2] }).catch(() => undefined)
  if (version !== undefined && isNewEnough(version.stdout)) return { command: ['go'], module, env: {} }
  work.say("no Go on this machine: making a builder with Debian's")
  const root = await ensureRootfs(options, work, builderPackages)
  return await builder(root, options, module)
}

/** Whether `go env GOVERSION` tells a Go that can switch toolchains. */
export function isNewEnough(version: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(version.trim())
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)]
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** Go of the builder root, run in a mount namespace where the cache and the module have the same paths as outside. */
async function builder(
  root: string,
  { cacheDir, env }: Pick<Workshop, 'cacheDir' | 'env'>,
  module: string,
): Promise<GoToolchain> {
  const certificates = env['SSL_CERT_FILE'] ?? '/etc/ssl/certs/ca-certificates.crt'
  const script = `
    set -eu
    root=$1; shift
    for dir in /proc /dev ${quote(cacheDir)} ${quote(module)}; do mkdir -p "$root$dir"; mount --rbind "$dir" "$root$dir"; done
    for file in /etc/resolv.conf /etc/hosts; do touch "$root$file"; mount --bind "$file" "$root$file"; done
    if [ -e ${quote(certificates)} ]; then
      mkdir -p "$root/etc/croque"; touch "$root/etc/croque/ca.crt"; mount --bind ${quote(certificates)} "$root/etc/croque/ca.crt"
    fi
    cd ${quote(module)}
    exec chroot "$root" /bin/sh -c 'cd "$0" && exec go "$@"' ${quote(module)} "$@"
  `
  await mkdir(cacheDir, { recursive: true })
  return {
    command: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'go-builder', root],
    module,
    env: { SSL_CERT_FILE: '/etc/croque/ca.crt', HOME: '/root' },
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
