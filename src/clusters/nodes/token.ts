/** What lets a node in: a word that only this cluster's side can have made for it, given to its server when that is made. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Which node of which cluster. */
export interface NodeId {
  readonly cluster: string
  /** UUID of its node group. */
  readonly group: string
  readonly index: number
}

/** Within its cluster: `<group>/<index>`. */
export const nodeKey = ({ group, index }: Pick<NodeId, 'group' | 'index'>): string => `${group}/${index}`

const said = ({ cluster, group, index }: NodeId): string => `${cluster}.${group}.${index}`

const seal = (key: string, id: NodeId): Buffer =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(said(id)).digest()

/** `<cluster>.<group>.<index>.<seal>`; the same whenever it is asked for. `key`: base64, of the cluster. */
export const nodeToken = (key: string, id: NodeId): string => `${said(id)}.${seal(key, id).toString('base64url')}`

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const form = new RegExp(`^(${uuid})\\.(${uuid})\\.(0|[1-9]\\d{0,5})\\.([\\w-]{43})$`)

/** Who somebody says to be; nothing is checked yet. Undefined for what no token looks like. */
export function claimedId(token: string): NodeId | undefined {
  const [, cluster, group, index] = form.exec(token) ?? []
  if (cluster === undefined || group === undefined || index === undefined) return undefined
  return { cluster, group, index: Number(index) }
}

export const isToken = (token: string, key: string, id: NodeId): boolean => isSame(token, nodeToken(key, id))

/** By what API servers of a cluster are known. No node's token is one: there is no such node. */
export const reviewerToken = (key: string, clusterId: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(`${clusterId}.reviewer`).digest('base64url')

export const isReviewerToken = (token: string, key: string, clusterId: string): boolean =>
  isSame(token, reviewerToken(key, clusterId))

/** In a time that tells nothing of where they differ. */
export function isSame(given: string, right: string): boolean {
  const [some, others] = [Buffer.from(given), Buffer.from(right)]
  return some.length === others.length && timingSafeEqual(some, others)
}
