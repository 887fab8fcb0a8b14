/** Kubernetes' own end-to-end tests, and the programs that run in their Pods: built from the pinned module beside this file. */
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, digestOfFile } from '../../../src/host/index.ts'
import { type Binaries, binariesCache, kubernetesVersion, type Workshop } from '../../../src/images/index.ts'
import { madeOnce } from '../../../src/images/kubernetes/binaries.ts'
import { buildPrograms, runGo } from '../../../src/images/kubernetes/go-build.ts'
import { findGo } from '../../../src/images/kubernetes/go-toolchain.ts'
import type { WorkOptions } from '../../../src/images/model.ts'

const agnhost = 'k8s.io/kubernetes/test/images/agnhost'
const commands = [agnhost, 'github.com/onsi/ginkgo/v2/ginkgo', 'k8s.io/sample-apiserver']

/** A certificate and its key for `localhost`, known to everybody, which stand beside the source of agnhost. */
export const certificate = ['localhost.crt', 'localhost.key'] as const

/** A directory of the cache with `e2e.test`, `ginkgo`, `agnhost`, `sample-apiserver` and the {@link certificate}. */
export async function ensurePrograms(shop: Workshop, work: WorkOptions): Promise<Binaries> {
  const module = import.meta.dirname
  const pins = await Promise.all(['go.mod', 'go.sum'].map(async (name) => await digestOfFile(join(module, name))))
  const digest = digestOf([kubernetesVersion, process.arch, ...commands, ...pins])
  const dir = join(binariesCache(shop.cacheDir), `conformance-${digest.slice(0, 16)}`)
  const make = async (into: string): Promise<void> => {
    const what = 'the tests of Kubernetes (about six minutes on two cores)'
    const programs = { module, version: kubernetesVersion, commands, tests: 'k8s.io/kubernetes/test/e2e', what }
    await buildPrograms(shop, programs, { into, work })
    const go = await findGo(shop, module, work)
    const found = await runGo(go, shop, { ...work, say: () => undefined }, ['list', '-f', '{{.Dir}}', agnhost])
    for (const name of certificate) await copyFile(join(found.stdout.trim(), 'porter', name), join(into, name))
  }
  await madeOnce(shop, work, { dir, make })
  return { dir, digest }
}
