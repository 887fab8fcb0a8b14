/** What a driver puts on the nodes of a control plane. */
import { createHash } from 'node:crypto'
import type { KeyPair } from '../../pki/index.ts'
import { type Authorities, bundle } from './authorities.ts'
import { type CaKind, caKinds } from './kinds.ts'
import { type Holdings, type Phase, trusted } from './rotation.ts'

export interface CaMaterial {
  /** The CA that signs: for what makes certificates on the nodes (kubeadm, the controller manager). */
  readonly signing: KeyPair
  /** PEM of all CAs to trust, that which signs first. */
  readonly trusted: string
}

/** Secret, all of it. */
export interface ControlPlaneMaterial {
  /** Another one whenever anything of it is: nodes that have this one are up to date. Fits a Kubernetes label. */
  readonly revision: string
  readonly phase: Phase
  readonly cas: Readonly<Record<CaKind, CaMaterial>>
  readonly serviceAccount: {
    /** PEM: `--service-account-signing-key-file`. */
    readonly signingKey: string
    /** PEM, one after the other: `--service-account-key-file`. */
    readonly trusted: string
  }
}

export function materialOf(holdings: Holdings): ControlPlaneMaterial {
  const generations = trusted(holdings)
  const of = (kind: CaKind): CaMaterial => ({ signing: holdings.signing.cas[kind], trusted: bundle(generations, kind) })
  return {
    revision: `${holdings.generation}-${holdings.phase}-${digest(generations)}`,
    phase: holdings.phase,
    cas: Object.fromEntries(caKinds.map((kind) => [kind, of(kind)])) as Record<CaKind, CaMaterial>,
    serviceAccount: {
      signingKey: holdings.signing.serviceAccount.privateKey,
      trusted: generations.map(({ serviceAccount }) => serviceAccount.publicKey).join(''),
    },
  }
}

/** Of the certificates themselves, in case a Secret was lost and all of it was made again. */
const digest = (generations: readonly Authorities[]): string =>
  createHash('sha256')
    .update(generations.map(({ cas }) => cas.kubernetes.cert).join(''))
    .digest('hex')
    .slice(0, 12)
