/** Files that some nodes get beside their certificates. */
import type { Cluster } from '../model/index.ts'
import type { NodeOrders } from './ledger.ts'

/** Path to text. `key`: base64, of the cluster; what its tokens are made with. */
export type SecretSource = (cluster: Cluster, key: string) => Promise<Readonly<Record<string, string>>>

/** Those that the orders name. */
export async function secretFilesOf(
  { cluster, key }: { readonly cluster: Cluster; readonly key: string },
  { secrets }: Pick<NodeOrders, 'secrets'>,
  sources: Readonly<Record<string, SecretSource>>,
): Promise<Readonly<Record<string, string>>> {
  const files = await Promise.all(
    Object.keys(secrets).map(async (name) => {
      const source = sources[name]
      if (source === undefined) throw new Error(`A node shall have ${name}, which this service does not know`)
      return await source(cluster, key)
    }),
  )
  return Object.assign({}, ...files) as Readonly<Record<string, string>>
}
