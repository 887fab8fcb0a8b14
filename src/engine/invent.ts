/** Generated Secrets without a server: for those who apply a rendering by hand. */
import { type Kube, type KubeObject, keyOf, refOf } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import { generateValues } from './generate.ts'
import { ensureSecret, type Generate } from './secrets.ts'

/** All generated Secrets of a rendering, complete, with values that nobody has yet. */
export async function inventSecrets(
  rendering: Rendering,
  generate: Generate = generateValues,
): Promise<readonly KubeObject[]> {
  const made = new Map<string, KubeObject>()
  const server: Pick<Kube, 'get' | 'create' | 'patch'> = {
    get: async (ref) => made.get(keyOf(ref)),
    create: async (object) => {
      made.set(keyOf(refOf(object)), object)
      return object
    },
    patch: () => Promise.reject(new TypeError('a new Secret is complete when it is made')),
  }
  for (const secret of rendering.units.flatMap(({ secrets }) => secrets)) await ensureSecret(secret, server, generate)
  return [...made.values()]
}
