/** Debian packages of this machine. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { type RunOptions, run } from './process.ts'

/** Those of the packages that are not installed; all of them when this is no Debian. */
export async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  if (packages.length === 0) return []
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format.
  const result = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages], {
    okCodes: [0, 1],
  }).catch(() => undefined)
  const installed = new Set(
    (result?.stdout ?? '').split('\n').flatMap((line) => {
      const [name, status] = line.split(' ')
      return name !== undefined && status === 'installed' ? [name] : []
    }),
  )
  return packages.filter((name) => !installed.has(name))
}

interface InstallOptions {
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly say: (message: string) => void
}

let turn: Promise<unknown> = Promise.resolve()

/** Installs packages without recommended ones and without questions; `say` gets the progress. One at a time: apt has one lock. */
export async function installPackages(packages: readonly string[], options: InstallOptions): Promise<void> {
  const mine = turn.then(() => install(packages, options))
  turn = mine.catch(() => undefined)
  await mine
}

async function install(packages: readonly string[], options: InstallOptions): Promise<void> {
  const env = { ...options.env, DEBIAN_FRONTEND: 'noninteractive' }
  const shared = { env, signal: options.signal, onLine: options.say, outlives: true }
  // What an apt-get that was ended half-way left; does nothing otherwise.
  await run('dpkg', ['--configure', '-a'], { ...shared, okCodes: [0, 1, 2] })
  await apt(['-q', 'update'], shared)
  await apt(['-q', 'install', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', ...packages], shared)
}

/** How long another program (unattended upgrades, a second `up`) may hold apt's lock. */
const lockMinutes = 10

async function apt(args: readonly string[], options: RunOptions & Pick<InstallOptions, 'signal'>): Promise<void> {
  const until = performance.now() + lockMinutes * 60_000
  for (;;) {
    try {
      await run('apt-get', args, options)
      return
    } catch (error) {
      const holder = error instanceof CroqueError ? lockHolder(error.why ?? '') : undefined
      if (holder === undefined || performance.now() > until) throw error
      options.onLine?.(`waiting for apt's lock, which ${holder} holds`)
      await sleep(2000, undefined, { signal: options.signal })
    }
  }
}

/** Who holds the lock that stopped an apt-get, from what it said; undefined when it failed of something else. */
export function lockHolder(output: string): string | undefined {
  if (!/Could not get lock|Unable to (?:acquire the dpkg frontend lock|lock directory)/.test(output)) return undefined
  return /held by (process \d+(?: \([^)]*\))?)/.exec(output)?.[1] ?? 'another program'
}
