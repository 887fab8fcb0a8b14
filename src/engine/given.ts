/** Secrets that the user makes: what of them is not there. */
import type { Kube } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'

export interface LackingSecret {
  readonly name: string
  /** Keys that are not there or empty; all of them when there is no such Secret. */
  readonly keys: readonly string[]
  readonly absent: boolean
}

export async function lackingSecrets(
  { namespace, given = {} }: Pick<Rendering, 'namespace' | 'given'>,
  kube: Pick<Kube, 'get'>,
): Promise<readonly LackingSecret[]> {
  const found = await Promise.all(
    Object.entries(given).map(async ([name, keys]) => {
      const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })
      const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>
      return { name, keys: keys.filter((key) => (data[key] ?? '') === ''), absent: secret === undefined }
    }),
  )
  return found.filter(({ keys }) => keys.length > 0)
}
