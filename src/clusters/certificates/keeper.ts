/** Where the authorities of clusters are kept: one Secret each, and every change of it is one conditional write. */
import type { RandomBytes, RawKeyPair } from '../../pki/index.ts'
import { type Cluster, type ClusterSecret, type ClusterStore, ConflictError } from '../model/index.ts'
import { type Authorities, makeAuthorities } from './authorities.ts'
import { begin, type Holdings, introduce, next, type Phase, parse, print, takeOver } from './rotation.ts'
import type { CertificateSettings } from './settings.ts'

export interface KeeperOptions {
  readonly store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>
  readonly settings: CertificateSettings
  readonly now: () => Date
  /** Source of serial numbers; the system's by default. */
  readonly random?: RandomBytes
  /** Where keys for tokens of service accounts come from; made when they are needed by default. */
  readonly serviceAccountKeys?: () => Promise<RawKeyPair>
}

export interface Keeper {
  /** Makes them when there are none; whoever comes first makes them for all. */
  holdings(cluster: Cluster): Promise<Holdings>
  /** Begins the rotation that the cluster's operation wishes for, once; one that is under way becomes the rotation of that operation. */
  introduce(cluster: Cluster): Promise<Holdings>
  /** Ends a phase of the rotation that the cluster's operation wished for; nothing changes when it is another one by now. */
  leave(cluster: Cluster, phase: Phase): Promise<Holdings>
}

const secretName = 'certificates'

/** Losing this often in a row takes more writers than there are: something else is wrong, the cluster is gone perhaps. */
const attempts = 8

export function createKeeper({ store, settings, now, random, serviceAccountKeys }: KeeperOptions): Keeper {
  const read = async (cluster: Cluster) => {
    const secret = await store.readSecret(cluster.uuid, secretName)
    return secret === undefined ? undefined : { secret, held: parse(secret.data) }
  }

  /** Writes what is decided of what is there, upon exactly that; anew, when somebody else was quicker. */
  const change = async (cluster: Cluster, decide: Decision): Promise<Holdings> => {
    // Whoever loses a race may try again with what he made.
    let made: Promise<Authorities> | undefined
    const fresh = async (): Promise<Authorities> => {
      made ??= makeAuthorities({
        clusterName: cluster.spec.name,
        settings,
        now: now(),
        ...(random === undefined ? {} : { random }),
        ...(serviceAccountKeys === undefined ? {} : { serviceAccountKeys }),
      })
      return await made
    }
    for (let attempt = 1; ; attempt++) {
      const present = await read(cluster)
      const wanted = await decide(present?.held, fresh)
      if (wanted === present?.held) return wanted
      if (await write(cluster, { wanted, read: present?.secret, mayFail: attempt < attempts })) return wanted
    }
  }

  const write = async (cluster: Cluster, { wanted, read: upon, mayFail }: Write): Promise<boolean> => {
    try {
      await store.writeSecret(cluster, secretName, print(wanted), upon)
      return true
    } catch (error) {
      if (error instanceof ConflictError && mayFail) return false
      throw error
    }
  }

  /** Many ask at once for a cluster that was just made; this replica makes one answer for all of them. */
  const making = new Map<string, Promise<Holdings>>()
  const make = (cluster: Cluster): Promise<Holdings> => {
    const made =
      making.get(cluster.uuid) ??
      change(cluster, async (held, fresh) => held ?? begin(await fresh(), now())).finally(() =>
        making.delete(cluster.uuid),
      )
    making.set(cluster.uuid, made)
    return made
  }

  // Everybody reads for himself first: a read under way might be of a time before what the caller knows of.
  const holdings = async (cluster: Cluster): Promise<Holdings> => (await read(cluster))?.held ?? (await make(cluster))

  const changeMade = async (cluster: Cluster, decide: MadeDecision): Promise<Holdings> => {
    await holdings(cluster)
    return await change(cluster, async (held, fresh) => {
      if (held === undefined)
        throw new ConflictError(`The certificates of cluster ${cluster.uuid} are gone, with it perhaps`)
      return await decide(held, fresh)
    })
  }

  return {
    holdings,
    introduce: async (cluster) =>
      await changeMade(cluster, async (held, fresh) => {
        const rotation = cluster.spec.operation.id
        if (held.rotation === rotation) return held
        if (held.phase !== 'settled') return takeOver(held, rotation)
        return introduce(held, rotation, await fresh(), now())
      }),
    leave: async (cluster, phase) =>
      await changeMade(cluster, async (held) => {
        const same = held.phase === phase && held.rotation === cluster.spec.operation.id
        return await Promise.resolve(same ? (next(held, now()) ?? held) : held)
      }),
  }
}

/** What shall be, of what is; the same object when nothing shall change. */
type Decision = (held: Holdings | undefined, fresh: () => Promise<Authorities>) => Promise<Holdings>
type MadeDecision = (held: Holdings, fresh: () => Promise<Authorities>) => Promise<Holdings>

interface Write {
  readonly wanted: Holdings
  readonly read: ClusterSecret | undefined
  readonly mayFail: boolean
}
