/** What every step of the embedded underlay is given. */
import { join } from 'node:path'
import type { ImageArchive } from '../underlay.ts'

export interface NodeRegistry {
  /** `HOST[:PORT]`; a name, as this machine knows it. */
  readonly host: string
  /** PEM of the CA that vouches for it, beside those that the nodes' Debian knows. */
  readonly ca?: string
}

export interface EmbeddedOptions {
  /** Name of the cluster, part of its nodes' names. */
  readonly name: string
  /** Absolute. Removed by `down`. */
  readonly stateDir: string
  /** Absolute, shared by all clusters of this machine; `down` leaves it. */
  readonly cacheDir: string
  /** Absolute; `images/kubernetes` and `images/node` are read from there. */
  readonly repoDir: string
  /** How many nodes. */
  readonly nodes: number
  /** How many more for container guests. @default 0 */
  readonly lxcNodes?: number
  /** Why there are none, where the machine decided that. */
  readonly whyNoLxc?: string
  /** The API server's port on 127.0.0.1. */
  readonly apiPort: number
  /** Other ports on 127.0.0.1 that `forward` is going to be asked for; preflight looks at them too. @default none */
  readonly forwardPorts?: readonly number[]
  /** Environment for programs that download: proxy settings, certificate bundle, HOME. PATH is used for finding Go. */
  readonly env: Readonly<Record<string, string>>
  /** Where the nodes pull from. @default nowhere: what they need is brought to them */
  readonly registry?: NodeRegistry
  /** Images that are ready at the moment when a new node is made: the node starts with them inside. @default none */
  readonly readyImages?: () => readonly ImageArchive[]
}

export interface Cache {
  readonly kvm: string
  /** A file for each cloud that was made with this cache. */
  readonly clouds: string
}

export function cacheOf(cacheDir: string): Cache {
  return {
    kvm: join(cacheDir, 'kvm.json'),
    clouds: join(cacheDir, 'clouds'),
  }
}
