/** What `node-image list` says. Pure. */
import { type NodeImageFiles, type NodeImageInCloud, nodeImageDigest } from '../catalog/index.ts'
import type { NodeImageKind } from '../images/index.ts'
import { megabytes, table } from './table.ts'

export interface NodeImageRow {
  /** Of Kubernetes, or `swarm`. */
  readonly version: NodeImageKind
  readonly built: boolean
  /** Of the root file system: bytes, and SHA-256 in hex. */
  readonly size?: number
  readonly sha256?: string
  /** Bytes of the whole disk, where that is built too. */
  readonly diskSize?: number
  /** Absent when there is no cloud to be asked. */
  readonly cloud?: readonly (NodeImageInCloud & {
    /** Not another build than the one that is here. */
    readonly current: boolean
  })[]
}

/** `image`: what is built here; `found`: what the cloud has, of all kinds. */
export function nodeImageRow(
  version: NodeImageKind,
  image: NodeImageFiles | undefined,
  found: readonly NodeImageInCloud[] | undefined,
): NodeImageRow {
  const own = found?.filter(({ kubernetesVersion = 'swarm' }) => kubernetesVersion === version)
  const current = ({ digest, form }: NodeImageInCloud): boolean =>
    image === undefined || (form === 'disk' && image.disk === undefined) || nodeImageDigest(image, form) === digest
  return {
    version,
    built: image !== undefined,
    ...(image === undefined ? {} : { size: image.root.size, sha256: image.root.sha256 }),
    ...(image?.disk === undefined ? {} : { diskSize: image.disk.size }),
    ...(own === undefined ? {} : { cloud: own.map((one) => ({ ...one, current: current(one) })) }),
  }
}

export function nodeImageTable(rows: readonly NodeImageRow[]): string {
  const cells = rows.map(({ version, built, size, diskSize, cloud }) => [
    version,
    built ? 'yes' : 'no',
    size === undefined ? '-' : megabytes(size),
    diskSize === undefined ? '-' : megabytes(diskSize),
    cloud?.map(({ name, current }) => (current ? name : `${name} (another build)`)).join(', ') || '-',
  ])
  return table([['VERSION', 'BUILT', 'SIZE', 'WHOLE DISK', 'IN THE CLOUD'], ...cells])
}
