/** Debian packages of this machine. */
import { run } from './process.ts'

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

/** Installs packages without recommended ones and without questions; `say` gets the progress. */
export async function installPackages(
  packages: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>
    readonly signal: AbortSignal
    readonly say: (message: string) => void
  },
): Promise<void> {
  const env = { ...options.env, DEBIAN_FRONTEND: 'noninteractive' }
  const shared = { env, signal: options.signal, onLine: options.say }
  await run('apt-get', ['-q', 'update'], shared)
  await run('apt-get', ['-q', 'install', '-y', '--no-install-recommends', ...packages], shared)
}
