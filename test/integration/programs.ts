/** Before all integration tests: the Kubernetes programs, built once where the cache lacks them, instead of by every file at once. */
import { ensureBinaries } from '../../src/images/index.ts'
import { workshop } from './workshop.ts'

export default async function setup(): Promise<void> {
  let said = 0
  const say = (line: string): void => {
    if (Date.now() - said < 30_000) return
    said = Date.now()
    process.stdout.write(`${line}\n`)
  }
  await ensureBinaries(workshop, { signal: new AbortController().signal, say })
}
