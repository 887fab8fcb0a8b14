/** Files that some nodes get beside their certificates, and which revision of them a node has. */
import type { Cluster } from '../model/index.ts'
import type { NodeOrders } from './ledger.ts'

export interface SecretFiles {
  /** Changes when the files do. */
  readonly revision: string
  /** Path to text. */
  readonly files: Readonly<Record<string, string>>
}

/** `key`: base64, of the cluster; what its tokens are made with. */
export type SecretSource = (cluster: Cluster, key: string) => Promise<SecretFiles>

/** Those that the orders name. */
export async function secretFilesOf(
  { cluster, key }: { readonly cluster: Cluster; readonly key: string },
  { secrets = {} }: Pick<NodeOrders, 'secrets'>,
  sources: Readonly<Record<string, SecretSource>>,
): Promise<readonly (readonly [name: string, SecretFiles])[]> {
  return await Promise.all(
    Object.keys(secrets).map(async (name) => {
      const source = sources[name]
      if (source === undefined) throw new Error(`A node shall have ${name}, which this service does not know`)
      return [name, await source(cluster, key)] as const
    }),
  )
}

type Revisions = Readonly<Record<string, string>>

export const sameRevisions = (some: Revisions, others: Revisions): boolean =>
  Object.keys(some).length === Object.keys(others).length &&
  Object.entries(some).every(([name, revision]) => others[name] === revision)
