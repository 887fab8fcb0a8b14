/** Certificates of clusters, as the API, the reconciler and drivers ask for them. All functions may be called any number of times, by any replica. */
import { parseCertificate } from '../../pki/index.ts'
import { ApiError } from '../api/route.ts'
import { type Cluster, type ClusterStore, ConflictError } from '../model/index.ts'
import { bundle } from './authorities.ts'
import { createKeeper, type KeeperOptions } from './keeper.ts'
import { type CaKind, caKind, caKinds } from './kinds.ts'
import { type Kubeconfig, kubeconfigText } from './kubeconfig.ts'
import { type ControlPlaneMaterial, materialOf } from './material.ts'
import { type Holdings, type Phase, trusted } from './rotation.ts'
import { defaultSettings } from './settings.ts'
import { type AdminOptions, issueAdmin, signFor } from './signing.ts'

export interface RotationState {
  readonly phase: Phase
  /** Id of the operation that began the last rotation. */
  readonly rotation?: string
  /** When the phase began: tokens of service accounts that Pods still hold may be as old. */
  readonly since: Date
  /** When the first of the CAs that sign ends. */
  readonly expiresAt: Date
}

export interface AdminCertificate {
  readonly cert: string
  readonly key: string
  /** What to trust: PEM. */
  readonly ca: string
}

export interface ClusterCertificates {
  /**
   * PEM of what is to be trusted now, without a line break at the end, as Magnum's: while a rotation is under way both CAs,
   * that which signs first. @throws ApiError 400 for a `ca_cert_type` that is none
   */
  ca(cluster: Cluster, type?: string): Promise<string>
  /** PEM of a certificate for a request. @throws ApiError 400 for what a careful CA does not sign, 409 when the CA has ended */
  sign(cluster: Cluster, csr: string, type?: string): Promise<string>
  /** Everything that a control plane needs. Secret, all of it. */
  material(cluster: Cluster): Promise<ControlPlaneMaterial>
  /** A client certificate for whoever works on the cluster in our name, with a key of its own: of `system:masters` unless somebody else is wished. */
  admin(cluster: Cluster, options?: AdminOptions): Promise<AdminCertificate>
  /** A kubeconfig with such a certificate. @throws ApiError 409 while the cluster has no address */
  kubeconfig(cluster: Cluster, options?: AdminOptions): Promise<string>

  /**
   * Begins the rotation that the cluster's present operation wishes for, once; one that is under way is gone on with.
   * @throws ConflictError when the cluster has another operation by now
   */
  startRotation(cluster: Cluster): Promise<RotationState>
  rotationState(cluster: Cluster): Promise<RotationState>
  /**
   * All nodes trust the new CAs: from now on these sign. Changes nothing but in the phase `introducing` of the rotation that
   * the cluster's operation wished for.
   */
  switchSigning(cluster: Cluster): Promise<RotationState>
  /** All nodes have certificates of the new CAs: the old ones are dropped. Changes nothing but in the phase `replacing` of it. */
  finishRotation(cluster: Cluster): Promise<RotationState>

  /** For the reconciler, before a driver is called: authorities are there, and a rotation has begun if the operation is one. */
  prepare(cluster: Cluster): Promise<RotationState>
  /**
   * For the reconciler, when the driver has said `done`: takes a rotation a phase further. `seen` is what {@link prepare} returned
   * before the driver was called. `again`: the material is another now, call the driver again; `done`: nothing more to do.
   */
  conclude(cluster: Cluster, seen: Pick<RotationState, 'phase'>): Promise<'again' | 'done'>
}

export interface CertificatesOptions extends Omit<KeeperOptions, 'settings'> {
  readonly store: Pick<ClusterStore, 'readSecret' | 'writeSecret' | 'clusters'>
  /** @default defaultSettings */
  readonly settings?: KeeperOptions['settings']
}

export function createCertificates(options: CertificatesOptions): ClusterCertificates {
  const { store, now, settings = defaultSettings } = options
  const keeper = createKeeper({ ...options, settings })
  const context = { settings, now, ...(options.random === undefined ? {} : { random: options.random }) }

  const admin = async (cluster: Cluster, wish: AdminOptions = {}): Promise<AdminCertificate> => {
    const holdings = await keeper.holdings(cluster)
    const issued = await issueAdmin(context, { cluster, ca: holdings.signing.cas.kubernetes, wish })
    return { ...issued, ca: bundle(trusted(holdings), 'kubernetes') }
  }

  const startRotation = async (cluster: Cluster): Promise<RotationState> => {
    const { id } = cluster.spec.operation
    // A replica that lost its lease may still hold an old wish, and would rotate what was rotated since.
    if (store.clusters.get(cluster.uuid)?.spec.operation.id !== id)
      throw new ConflictError(`Cluster ${cluster.uuid} has another operation than ${id} by now`)
    return stateOf(await keeper.introduce(cluster))
  }

  const prepare = async (cluster: Cluster): Promise<RotationState> =>
    rotates(cluster) ? await startRotation(cluster) : stateOf(await keeper.holdings(cluster))

  const conclude: ClusterCertificates['conclude'] = async (cluster, seen) => {
    if (!rotates(cluster) || seen.phase === 'settled') return 'done'
    await keeper.leave(cluster, seen.phase)
    return 'again'
  }

  return {
    ca: async (cluster, type = 'kubernetes') => {
      const kind = caKind(type)
      return bundle(trusted(await keeper.holdings(cluster)), kind).trimEnd()
    },
    sign: async (cluster, csr, type = 'kubernetes') => {
      const kind = caKind(type)
      const ca = async () => (await keeper.holdings(cluster)).signing.cas[kind]
      return (await signFor(context, { cluster, csr, ca, kind })).trimEnd()
    },
    material: async (cluster) => materialOf(await keeper.holdings(cluster)),
    admin,
    kubeconfig: async (cluster, wish) => kubeconfigText(await kubeconfigOf(cluster, () => admin(cluster, wish))),
    startRotation,
    rotationState: async (cluster) => stateOf(await keeper.holdings(cluster)),
    switchSigning: async (cluster) => stateOf(await keeper.leave(cluster, 'introducing')),
    finishRotation: async (cluster) => stateOf(await keeper.leave(cluster, 'replacing')),
    prepare,
    conclude,
  }
}

const rotates = ({ spec }: Cluster): boolean => spec.operation.kind === 'rotate-ca'

function stateOf({ phase, rotation, since, signing }: Holdings): RotationState {
  const ends = caKinds.map((kind: CaKind) => parseCertificate(signing.cas[kind].cert).notAfter.getTime())
  return {
    phase,
    since: new Date(since),
    expiresAt: new Date(Math.min(...ends)),
    ...(rotation === undefined ? {} : { rotation }),
  }
}

async function kubeconfigOf(cluster: Cluster, admin: () => Promise<AdminCertificate>): Promise<Kubeconfig> {
  const { apiAddress } = cluster.status
  if (apiAddress === undefined)
    throw new ApiError(
      409,
      `Cluster ${cluster.spec.name} has no address yet. Wait until it is created, then ask again.`,
    )
  return { name: cluster.spec.name, server: apiAddress, ...(await admin()) }
}
