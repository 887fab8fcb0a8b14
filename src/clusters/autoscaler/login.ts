/**
 * What the autoscaler of a cluster logs in with, here and nowhere else. Nothing of it is kept: it is made of the cluster's key and of the
 * name of the credential that the cluster's nodes have, so what rotates or revokes that does the same to this.
 */
import { createHmac } from 'node:crypto'
import { isSame } from '../nodes/index.ts'

export interface LoginFacts {
  readonly clusterId: string
  /** Base64, of the cluster. */
  readonly key: string
  /** Name of the credential that its nodes shall have. */
  readonly credential: string
}

/** No node's token and no reviewer's is one: what is sealed there has other words. */
const seal = ({ clusterId, key, credential }: LoginFacts, what: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${clusterId}.autoscaler.${credential}.${what}`)
    .digest('base64url')

export const autoscalerPassword = (login: LoginFacts): string => seal(login, 'password')

export const isPassword = (given: string, login: LoginFacts): boolean => isSame(given, autoscalerPassword(login))

/** `autoscaler.<cluster>.<end>.<seal>` */
export function autoscalerToken(login: LoginFacts, ends: Date): string {
  const end = String(ends.getTime())
  return `autoscaler.${login.clusterId}.${end}.${seal(login, `token.${end}`)}`
}

const form = /^autoscaler\.([0-9a-f-]{36})\.(\d{13})\.[\w-]{43}$/

export interface Claim {
  readonly clusterId: string
  readonly ends: Date
}

/** Whose token somebody says it is; nothing is checked yet. Undefined for what is no token of an autoscaler, but may be one of Keystone. */
export function claimOf(token: string): Claim | undefined {
  const [, clusterId, end] = form.exec(token) ?? []
  return clusterId === undefined || end === undefined ? undefined : { clusterId, ends: new Date(Number(end)) }
}

export const isToken = (given: string, login: LoginFacts, { ends }: Claim): boolean =>
  isSame(given, autoscalerToken(login, ends))
