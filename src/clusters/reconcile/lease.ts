/** The Lease that one replica holds: read and written conditionally, as client-go's resource lock does. */
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../../kube/index.ts'
import { momentOf } from '../model/index.ts'

export interface LeaseRecord {
  /** Empty when nobody holds it. */
  readonly holder: string
  readonly seconds: number
  readonly acquiredAt: Date
  readonly renewedAt: Date
  /** How often it changed hands. */
  readonly transitions: number
}

export interface LeaseVersion {
  /** What a conditional write is conditional on. */
  readonly version: string
  readonly record: LeaseRecord
}

export interface Lease {
  /** Undefined when it is not there. */
  read(signal: AbortSignal): Promise<LeaseVersion | undefined>
  /** Writes over exactly what was read (undefined: nothing). Undefined when somebody else was quicker. */
  write(record: LeaseRecord, over: LeaseVersion | undefined, signal: AbortSignal): Promise<LeaseVersion | undefined>
}

interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

/** A Lease of coordination.k8s.io on an API server. */
export function kubeLease(
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Lease {
  const ref: ObjectRef = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
  return {
    read: async (signal) => {
      const found = await kube.get(ref, { signal })
      return found === undefined ? undefined : versionOf(found)
    },
    write: async (record, over, signal) => {
      const spec = specOf(record)
      const { apiVersion, kind } = ref
      const written =
        over === undefined
          ? kube.create({ apiVersion, kind, metadata: { namespace, name }, spec }, { signal })
          : kube.patch(ref, { metadata: { resourceVersion: over.version }, spec }, { signal })
      return await written.then(versionOf, refused)
    },
  }
}

/** A conflict is an answer; a Lease that was deleted in between is read anew. */
function refused(error: unknown): undefined {
  if (error instanceof KubeError && (error.status === 409 || error.status === 404)) return undefined
  throw error
}

function versionOf(object: KubeObject): LeaseVersion {
  const { metadata, spec = {} }: LeaseObject = object
  return {
    version: metadata.resourceVersion ?? '',
    record: {
      holder: spec.holderIdentity ?? '',
      seconds: spec.leaseDurationSeconds ?? 0,
      acquiredAt: new Date(spec.acquireTime ?? 0),
      renewedAt: new Date(spec.renewTime ?? 0),
      transitions: spec.leaseTransitions ?? 0,
    },
  }
}

const specOf = ({ holder, seconds, acquiredAt, renewedAt, transitions }: LeaseRecord): LeaseObject['spec'] => ({
  holderIdentity: holder,
  leaseDurationSeconds: seconds,
  acquireTime: momentOf(acquiredAt),
  renewTime: momentOf(renewedAt),
  leaseTransitions: transitions,
})
