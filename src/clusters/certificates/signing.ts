/** Signing for callers, and for ourselves. */
import {
  type CertificateRequest,
  CsrError,
  createCsr,
  isCurrent,
  type KeyPair,
  type RandomBytes,
  readCsr,
  signCsr,
} from '../../pki/index.ts'
import { ApiError } from '../api/route.ts'
import type { Cluster } from '../model/index.ts'
import type { CaKind } from './kinds.ts'
import type { CertificateSettings } from './settings.ts'

export interface SigningContext {
  readonly settings: CertificateSettings
  readonly now: () => Date
  readonly random?: RandomBytes
}

export interface AdminOptions {
  /** Kubernetes' name of the user. @default 'admin' */
  readonly commonName?: string
  /** Its groups. @default ['system:masters'] */
  readonly organizations?: readonly string[]
  /** @default that of all certificates */
  readonly hours?: number
}

const hour = 3_600_000

interface Asked {
  readonly cluster: Cluster
  readonly csr: string
  readonly kind: CaKind
  /** Asked for when the request is known to be good. */
  readonly ca: () => Promise<KeyPair>
}

/** @throws ApiError */
export async function signFor(context: SigningContext, { cluster, csr, ca, kind }: Asked): Promise<string> {
  const request = await checked(csr)
  return await issue(context, { cluster, ca: await ca(), kind, request })
}

async function checked(csr: string): Promise<CertificateRequest> {
  try {
    return await readCsr(csr)
  } catch (cause) {
    if (cause instanceof CsrError) throw new ApiError(400, `Received invalid csr. ${cause.message}`, { cause })
    throw cause
  }
}

interface Order {
  readonly cluster: Cluster
  readonly ca: KeyPair
  readonly kind: CaKind
  readonly request: CertificateRequest
  readonly hours?: number
}

async function issue({ settings, now: clock, random }: SigningContext, order: Order): Promise<string> {
  const { cluster, ca, kind, request, hours = settings.certificateHours } = order
  const now = clock()
  if (!isCurrent(ca.cert, now))
    throw new ApiError(
      409,
      `The ${kind} CA of cluster ${cluster.spec.name} has ended. Get a new one with "openstack coe ca rotate ${cluster.uuid}".`,
    )
  return await signCsr({
    ca,
    request,
    now,
    lifetime: hours * hour,
    skew: settings.skewHours * hour,
    ...(random === undefined ? {} : { random }),
  })
}

/** By the same way as everybody's: a request, checked and signed. */
export async function issueAdmin(
  context: SigningContext,
  { cluster, ca, wish }: { readonly cluster: Cluster; readonly ca: KeyPair; readonly wish: AdminOptions },
): Promise<KeyPair> {
  const { commonName = 'admin', organizations = ['system:masters'], hours } = wish
  const { csr, key } = await createCsr({ commonName, organizations, keys: context.settings.keys })
  const request = await readCsr(csr)
  const lifetime = hours === undefined ? {} : { hours }
  return { cert: await issue(context, { cluster, ca, kind: 'kubernetes', request, ...lifetime }), key }
}
