/** Programs of Debian that only the tests need: installed as `up` installs what it needs of this machine. */
import { installPackages, missingPackages } from '../../src/host/index.ts'

/** Installs those of the packages that are missing. */
export async function needPackages(...packages: readonly string[]): Promise<void> {
  const missing = await missingPackages(packages)
  if (missing.length === 0) return
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  say(`installing ${missing.join(' ')}`)
  const env = Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => !!pair[1]))
  await installPackages(missing, { env, signal: AbortSignal.timeout(900_000), say })
}
