/** What stands in a Secret of the cluster. */
import type { Kube } from '../kube/index.ts'

export type SecretReader = Pick<Kube, 'get'>

/** Text of one key of a Secret; undefined when there is none. */
export async function secretTextIfThere(
  kube: SecretReader,
  namespace: string,
  name: string,
  key: string,
): Promise<string | undefined> {
  const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })
  const value = (secret?.['data'] as Readonly<Record<string, string>> | undefined)?.[key]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
}
