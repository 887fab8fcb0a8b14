/** How container images come to nodes of a cluster where none can be pulled. */
import { closeSync, openSync } from 'node:fs'
import type { ImageArchive } from '../../../src/images/index.ts'
import { inGuest } from '../guests.ts'
import type { Installation } from '../installation.ts'

const images = 'ctr --namespace k8s.io images'

/** Takes the images in, pinned: else a node that is short of space drops what no Pod uses just then. */
export function importImages(cloud: Pick<Installation, 'name'>, node: string, wanted: readonly ImageArchive[]): void {
  for (const path of new Set(wanted.map((image) => image.path))) {
    const archive = openSync(path, 'r')
    inGuest(cloud, node, `${images} import -`, archive)
    closeSync(archive)
  }
  for (const { reference } of wanted)
    inGuest(cloud, node, `${images} label ${reference} io.cri-containerd.pinned=pinned`)
}
