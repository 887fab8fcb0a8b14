/**
 * What is known of the nodes of a cluster between its driver, which says who may come and what each shall do, and the nodes, which come,
 * ask for certificates and tell how they fare. One Secret a cluster, for it holds the key that tokens are made with.
 */
import { randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { type Cluster, type ClusterSecret, type ClusterStore, ConflictError } from '../model/index.ts'
import { paper } from './papers.ts'

const commands = z.array(z.array(z.string()).min(1).readonly()).readonly()

/** What a node is told to do. Nothing of it is secret. */
const orders = z.object({
  /** Another one whenever something of the orders is another. */
  revision: z.string(),
  name: z.string(),
  role: z.enum(['master', 'worker']),
  /** On the cluster's network. */
  address: z.string(),
  /** Of Kubernetes, `v1.35.4`, or of Docker, `26.1.5`. */
  version: z.string(),
  /** Whether it makes the cluster, or comes to one that is there. */
  founds: z.boolean(),
  /** Seconds after which it asks for orders again. */
  pause: z.number(),
  /** URL of the API as nodes reach it. */
  server: z.string(),
  /** Path to text, written before anything is started. */
  files: z.record(z.string(), z.string()),
  /** Programs with their arguments, run one after the other once all files and certificates are there; what ended well is not run again. */
  commands,
  /** What came up since it was admitted; like `commands`, after them. */
  later: commands,
  /** Certificates it asks for, by name. */
  papers: z.record(z.string(), paper).readonly(),
  /** Secret files that it gets with its certificates, by name, with the revision that it shall have of each. */
  secrets: z.record(z.string(), z.string()).readonly(),
})

const report = z.object({
  /** `running`, `ready` or `failed`. */
  phase: z.string(),
  /** Why it waits or failed, in the words of the program that did. */
  message: z.string(),
  /** Of the orders that this is about. */
  revision: z.string(),
  /** Milliseconds since 1970, by the clock of the API. */
  at: z.number(),
  /** When it failed first since it was ready last, by the same clock; it tries again by itself. */
  failingSince: z.number().optional(),
})

const entry = z.object({
  orders,
  /** UUID of the server that it was expected on. */
  serverId: z.string().optional(),
  /** Of the key pairs it asked with first, a digest: nobody comes after it with the same token. */
  keys: z.string().optional(),
  /** PEM of the public key that its reports are signed with: the kubelet's, or Docker's. */
  kubelet: z.string().optional(),
  report: report.optional(),
  /** It was ready once: the cluster has it as a node. */
  joined: z.boolean().optional(),
})

const entries = z.record(z.string(), entry)

export type NodeOrders = Readonly<z.infer<typeof orders>>
export type NodeReport = Readonly<z.infer<typeof report>>
export type NodeEntry = Readonly<z.infer<typeof entry>>

export interface LedgerState {
  /** Base64: what tokens are made with. */
  readonly key: string
  /** By `<group>/<index>`. */
  readonly nodes: Readonly<Record<string, NodeEntry>>
}

export interface Ledger {
  /** Undefined before the cluster's first node was thought of. */
  read(clusterId: string): Promise<LedgerState | undefined>
  /** Makes it when it is not there. Writes what is decided of what is there upon exactly that, and decides anew when somebody was quicker. */
  change(cluster: Cluster, decide: (state: LedgerState) => LedgerState): Promise<LedgerState>
}

const secretName = 'nodes'
/** Losing this often in a row takes more writers than a cluster has nodes that come at once. */
const attempts = 30

export function openLedger(store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>): Ledger {
  const read = async (clusterId: string) => {
    const secret = await store.readSecret(clusterId, secretName)
    return secret === undefined ? undefined : { secret, state: parse(secret) }
  }
  const write = async (cluster: Cluster, state: LedgerState, upon: ClusterSecret | undefined): Promise<boolean> => {
    try {
      await store.writeSecret(cluster, secretName, { key: state.key, nodes: packed(state.nodes) }, upon)
      return true
    } catch (error) {
      if (error instanceof ConflictError) return false
      throw error
    }
  }
  return {
    read: async (clusterId) => (await read(clusterId))?.state,
    change: async (cluster, decide) => {
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const present = await read(cluster.uuid)
        const wanted = decide(present?.state ?? { key: randomBytes(32).toString('base64'), nodes: {} })
        if (wanted === present?.state || (await write(cluster, wanted, present?.secret))) return wanted
      }
      throw new ConflictError(`The nodes of cluster ${cluster.uuid} are written all the time, or it is gone`)
    },
  }
}

/** A Secret has room for a mebibyte, and what nodes are told is much the same. */
const packed = (nodes: LedgerState['nodes']): string => gzipSync(JSON.stringify(nodes)).toString('base64')

function parse({ data }: ClusterSecret): LedgerState {
  const { key, nodes } = data
  if (key === undefined || nodes === undefined) throw new Error('The Secret of the cluster nodes is not whole')
  return { key, nodes: entries.parse(JSON.parse(gunzipSync(Buffer.from(nodes, 'base64')).toString())) }
}
