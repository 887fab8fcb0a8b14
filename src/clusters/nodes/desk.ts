/**
 * Where nodes come to. Three requests, each with the node's token: what shall I be; here are requests for my certificates; this is how I
 * fare. The first certificates bind the token to the keys that they were asked with: whoever finds the token later, in the metadata of
 * a server, gets nothing by it. Reports are signed with the key of the kubelet, or of Docker.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { type CertificateRequest, CsrError, commonName, organization, readCsr } from '../../pki/index.ts'
import { ApiError } from '../api/route.ts'
import type { ClusterCertificates } from '../certificates/index.ts'
import { type Cluster, type ClusterStore, isSwarm } from '../model/index.ts'
import type { Ledger, NodeEntry, NodeOrders } from './ledger.ts'
import { dockerTls, type Paper, reporterOf } from './papers.ts'
import { type SecretSource, secretFilesOf } from './secret-files.ts'
import { claimedId, isToken, type NodeId, nodeKey } from './token.ts'

export interface DeskOptions {
  readonly store: Pick<ClusterStore, 'clusters'>
  readonly ledger: Ledger
  readonly certificates: Pick<ClusterCertificates, 'sign' | 'material'>
  readonly now: () => Date
  /** What nodes may be given beside certificates, by the names in their orders. @default nothing */
  readonly secrets?: Readonly<Record<string, SecretSource>>
}

export interface Papers {
  /** PEM by name. */
  readonly certificates: Readonly<Record<string, string>>
  /** Path to text. Secret: a control plane gets what its tokens are signed with, and some nodes what they call the cloud with. */
  readonly files: Readonly<Record<string, string>>
}

export interface Report {
  readonly phase: string
  /** Of the orders that it is about. */
  readonly revision: string
  readonly message: string
  /** Base64 of an ECDSA signature (DER, SHA-256) of `<phase>\n<revision>\n<message>` by the key of {@link reporterOf}. */
  readonly signature: string
}

export interface Desk {
  /** Undefined when they are of the revision that it knows. @throws ApiError 401 for whoever is no node of ours, 425 for one that is not expected yet */
  orders(token: string, known?: string): Promise<NodeOrders | undefined>
  /** `requests`: PEM by name. @throws ApiError 400 for requests that are not those of the orders, 409 when other keys came before */
  papers(token: string, requests: Readonly<Record<string, string>>): Promise<Papers>
  /** @throws ApiError 403 for a wrong signature */
  report(token: string, report: Report): Promise<void>
}

interface Guest {
  readonly id: NodeId
  readonly cluster: Cluster
  readonly entry: NodeEntry
  /** Of the cluster. */
  readonly key: string
}

const longestMessage = 2000
/** Milliseconds. */
const sharedFor = 1000

export function openDesk({ store, ledger, certificates, now, secrets = {} }: DeskOptions): Desk {
  const recently = sharedRead(ledger, now)
  const guest = async (token: string, read = ledger.read): Promise<Guest> => {
    const id = claimedId(token)
    const cluster = id === undefined ? undefined : store.clusters.get(id.cluster)
    const state = cluster === undefined ? undefined : await read(cluster.uuid)
    if (id === undefined || cluster === undefined || state === undefined || !isToken(token, state.key, id))
      throw new ApiError(401, 'This is the token of no node that is wanted.')
    const entry = state.nodes[nodeKey(id)]
    if (entry === undefined) throw new ApiError(425, 'This node is not expected yet. Come again in a moment.')
    return { id, cluster, entry, key: state.key }
  }

  /** @returns the entry as it is then */
  const change = async ({ id, cluster }: Guest, decide: (entry: NodeEntry) => NodeEntry): Promise<NodeEntry> => {
    const key = nodeKey(id)
    const state = await ledger.change(cluster, (known) => {
      const entry = known.nodes[key]
      if (entry === undefined) throw new ApiError(425, 'This node is not expected any more.')
      const decided = decide(entry)
      return decided === entry ? known : { ...known, nodes: { ...known.nodes, [key]: decided } }
    })
    return state.nodes[key] ?? missing()
  }

  return {
    orders: async (token, known) => {
      const { orders } = (await guest(token, recently)).entry
      return orders.revision === known ? undefined : orders
    },
    papers: async (token, requests) => {
      const who = await guest(token)
      const asked = await checkRequests(who.entry.orders, requests)
      const keys = digestOf(asked)
      const kubelet = publicKeyOf(asked[reporterOf(asked)] ?? missing())
      const secret = await secretFilesOf(who, who.entry.orders, secrets)
      await change(who, (entry) => {
        if (entry.keys !== undefined && entry.keys !== keys)
          throw new ApiError(409, 'Certificates of this node were given to other keys before.')
        return entry.keys === keys ? entry : { ...entry, keys, kubelet }
      })
      const signed = await Promise.all(
        Object.entries(who.entry.orders.papers).map(
          async ([name, { ca }]) => [name, await certificates.sign(who.cluster, requests[name] ?? '', ca)] as const,
        ),
      )
      return { certificates: Object.fromEntries(signed), files: { ...(await filesOf(who, certificates)), ...secret } }
    },
    report: async (token, { phase, revision, message, signature }) => {
      const who = await guest(token)
      const { kubelet } = who.entry
      const text = Buffer.from(`${phase}\n${revision}\n${message}`)
      if (kubelet === undefined || !verify('sha256', text, createPublicKey(kubelet), Buffer.from(signature, 'base64')))
        throw new ApiError(403, 'The report is not signed by the key of this node.')
      const at = now().getTime()
      const told = { phase, revision, message: message.slice(0, longestMessage), at }
      await change(who, (entry) => {
        if (phase === 'ready') return { ...entry, report: told, joined: true }
        const since = entry.report?.failingSince ?? (phase === 'failed' ? at : undefined)
        return { ...entry, report: { ...told, ...(since === undefined ? {} : { failingSince: since }) } }
      })
    },
  }
}

/** All nodes of a cluster ask again and again whether there is something new: they share what was read a moment ago. */
function sharedRead({ read }: Ledger, now: () => Date): Ledger['read'] {
  const reads = new Map<string, { readonly at: number; readonly state: ReturnType<Ledger['read']> }>()
  return async (clusterId) => {
    const at = now().getTime()
    const known = reads.get(clusterId)
    if (known !== undefined && Math.abs(at - known.at) < sharedFor) return await known.state
    for (const [id, { at: then }] of reads) if (Math.abs(at - then) >= sharedFor) reads.delete(id)
    const state = read(clusterId)
    reads.set(clusterId, { at, state })
    return await state
  }
}

/** CAs for everybody; for a control plane, what its tokens are signed with. */
async function filesOf({ cluster, entry }: Guest, certificates: DeskOptions['certificates']): Promise<Papers['files']> {
  const { cas, serviceAccount } = await certificates.material(cluster)
  if (isSwarm(cluster)) return { [dockerTls.ca]: cas.kubernetes.trusted }
  const pki = '/etc/kubernetes/pki'
  const trusted = { [`${pki}/ca.crt`]: cas.kubernetes.trusted }
  if (entry.orders.role !== 'master') return trusted
  return {
    ...trusted,
    [`${pki}/etcd/ca.crt`]: cas.etcd.trusted,
    [`${pki}/front-proxy-ca.crt`]: cas['front-proxy'].trusted,
    [`${pki}/sa.key`]: serviceAccount.signingKey,
    [`${pki}/sa.pub`]: serviceAccount.trusted,
  }
}

type Asked = Readonly<Record<string, CertificateRequest>>

async function checkRequests({ papers }: NodeOrders, requests: Readonly<Record<string, string>>): Promise<Asked> {
  const names = Object.keys(papers)
  if (Object.keys(requests).sort().join() !== names.toSorted().join())
    throw new ApiError(400, `The certificates of this node are ${names.join(', ')}: no more and no less.`)
  const read = await Promise.all(
    Object.entries(papers).map(
      async ([name, paper]) => [name, await checkRequest(name, paper, requests[name] ?? '')] as const,
    ),
  )
  return Object.fromEntries(read)
}

async function checkRequest(name: string, paper: Paper, csr: string): Promise<CertificateRequest> {
  const request = await readCsr(csr).catch((cause: unknown) => {
    if (cause instanceof CsrError) throw new ApiError(400, `${name}: ${cause.message}`, { cause })
    throw cause
  })
  const valuesOf = (type: string): readonly string[] =>
    request.subject.filter((part) => part.type === type).map(({ value }) => value)
  const isRight =
    same(valuesOf(commonName), [paper.commonName]) &&
    same(valuesOf(organization), paper.organizations) &&
    request.subject.length === 1 + paper.organizations.length &&
    same(request.purposes, paper.purposes) &&
    same(
      request.names.map(({ value }) => value),
      paper.names,
    )
  if (!isRight) throw new ApiError(400, `${name}: it asks for something else than the orders say.`)
  return request
}

const same = (some: readonly string[], others: readonly string[]): boolean =>
  some.toSorted().join('\n') === others.toSorted().join('\n')

function digestOf(asked: Asked): string {
  const hash = createHash('sha256')
  for (const name of Object.keys(asked).sort())
    hash.update(name).update(Buffer.from(asked[name]?.key.spki ?? missing()))
  return hash.digest('hex')
}

const publicKeyOf = ({ key }: CertificateRequest): string =>
  createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString()

function missing(): never {
  throw new Error('a node, or its request for the kubelet, was there a moment ago')
}
