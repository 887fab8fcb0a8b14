/**
 * Words: an **image** is a list of layers and a configuration; a **layer** is what one build step added to the trees of the
 * layers it stands on. Layers are named by the hash of everything that goes into them and are shared between images.
 */

/** A container image that a release needs: its name in the catalog and the reference that Pods use. */
export interface ImageRef {
  /** Name in the catalog: `base`, `mariadb`, `rabbitmq`, `memcached`, `haproxy`, `ovn`, `ceph`, `openstack`, `compute`, `croque`. */
  readonly name: string
  /** `croque.local/<name>:<release>-<first 12 hex digits of the recipe hash>`; changes exactly when the recipe (with its layers below and its files) does. */
  readonly reference: string
}

/** One build step. Data only: what it does stands in `images/<files>/`. */
export interface LayerRecipe {
  readonly name: string
  /** Layers whose trees it sees while it is built, lowest first. Empty: a new Debian root. */
  readonly on: readonly string[]
  /** Debian packages to install. */
  readonly packages?: readonly string[]
  /** Directory below `images/`: `build` runs inside the root, `root/` is copied over it. */
  readonly files?: string
  /** The same, but of one release: a directory below `images/<files>/`, hashed and seen as `$RELEASE`. */
  readonly perRelease?: boolean
  /** Files of this checkout that the build sees below `program/` of its files, with all that they load: see `program.ts`. */
  readonly program?: readonly string[]
  /** Only these directories go into the layer: for what is built with tools that stay outside. */
  readonly keep?: readonly string[]
  /** Never part of an image: tools for building other layers. */
  readonly buildOnly?: boolean
}

export interface ImageRecipe {
  readonly name: string
  /** Lowest first. */
  readonly layers: readonly string[]
  /** Numeric `uid:gid`, or `0:0` where the processes need root; Pods may say otherwise. */
  readonly user: string
  readonly env?: Readonly<Record<string, string>>
}

/** A finished layer in the cache. */
export interface BuiltLayer {
  readonly name: string
  /** Hash of the recipe. */
  readonly hash: string
  /** `sha256:…` of the uncompressed tar. */
  readonly diffId: string
  /** `sha256:…` of the compressed blob. */
  readonly digest: string
  /** Bytes of the blob. */
  readonly size: number
  /** Bytes of the tar. */
  readonly unpackedSize: number
}

/** An OCI image archive in the cache and the name that Pods use for it. */
export interface ImageArchive {
  readonly reference: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  /** OCI image layout tar. */
  readonly path: string
}

/** What building anything needs of this machine. */
export interface Workshop {
  /** The checkout; `images/` is read from there. Absolute. */
  readonly repoDir: string
  /** Absolute, shared by all clouds of this machine. */
  readonly cacheDir: string
  /** Environment for programs that download: proxy settings, certificate bundle, HOME. PATH is used for finding Go. */
  readonly env: Readonly<Record<string, string>>
}

/** One piece of work of a step. */
export interface WorkOptions {
  readonly signal: AbortSignal
  readonly say: (message: string) => void
}

/** Where the builder tells what it does; the underlay's reporter is one. */
export interface StepReporter {
  /** Runs `work` as a named step; `say` publishes what it is doing right now (one short sentence). */
  step<T>(id: string, work: (say: (message: string) => void) => Promise<T>): Promise<T>
}
