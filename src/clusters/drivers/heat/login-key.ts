/** Who may log in to nodes. */
import type { ClusterSpec } from '../../model/index.ts'

/** What is somebody's key to log in with; Nova has key pairs of other kinds too. */
export const loginKeyOf = ({ publicKey }: Pick<ClusterSpec, 'publicKey'>): string | undefined =>
  publicKey !== undefined && /^(ssh|ecdsa|sk)-/.test(publicKey) ? publicKey.trim() : undefined
