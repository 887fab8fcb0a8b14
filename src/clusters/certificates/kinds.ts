/** The authorities of a cluster, and Magnum's words for them. */
import { ApiError } from '../api/route.ts'

export const caKinds = ['kubernetes', 'etcd', 'front-proxy'] as const
export type CaKind = (typeof caKinds)[number]

/**
 * `ca_cert_type`. In Magnum, `kubelet` names the CA of the cluster itself: its nodes ask under that word for the certificates of the API
 * server and of admins, which a CA for kubelets alone would make worthless.
 */
const words: ReadonlyMap<string, CaKind> = new Map([
  ['', 'kubernetes'],
  ['kubernetes', 'kubernetes'],
  ['kubelet', 'kubernetes'],
  ['etcd', 'etcd'],
  ['front-proxy', 'front-proxy'],
  ['front_proxy', 'front-proxy'],
])

/** @throws ApiError 400 for a word that Magnum would take for `kubernetes` without saying so */
export function caKind(word: string): CaKind {
  const kind = words.get(word)
  if (kind === undefined)
    throw new ApiError(
      400,
      `ca_cert_type is '${word.slice(0, 40)}'; it may be kubernetes, kubelet, etcd or front-proxy.`,
    )
  return kind
}
