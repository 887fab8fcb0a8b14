/** Brings image archives into nodes that are running already. */
import { run } from '../../host/index.ts'
import type { ImageArchive, StepReporter } from '../underlay.ts'
import type { Layout, NodeLayout } from './layout.ts'
import { inNode } from './node.ts'

/** Imports on every node what it lacks (compared by name and digest); all nodes at once, one archive at a time on each. */
export async function importMissing(
  layout: Layout,
  images: readonly ImageArchive[],
  report: StepReporter,
  signal: AbortSignal,
): Promise<void> {
  if (images.length === 0) return
  await Promise.all(
    layout.nodes.map(async (node) => {
      const missing = missingImages(
        images,
        (await inNode(layout, node, ['ctr', '--namespace=k8s.io', 'images', 'ls'], { signal })).stdout,
      )
      if (missing.length === 0) return
      await report.step(`images-${node.name}`, async (say) => {
        for (const path of new Set(missing.map((image) => image.path))) {
          say(
            `importing ${missing
              .filter((image) => image.path === path)
              .map(({ reference }) => reference)
              .join(', ')}`,
          )
          await importArchive(layout, node, path, signal)
        }
      })
    }),
  )
}

/** Images that the output of `ctr images ls` does not have under the same name with the same digest. */
export function missingImages(images: readonly ImageArchive[], listing: string): readonly ImageArchive[] {
  const present = new Set(
    listing.split('\n').map((line) => {
      const [reference, , digest] = line.split(/\s+/)
      return `${reference}@${digest}`
    }),
  )
  return images.filter(({ reference, digest }) => !present.has(`${reference}@${digest}`))
}

async function importArchive(layout: Layout, node: NodeLayout, path: string, signal: AbortSignal): Promise<void> {
  const script = 'exec runc --root "$1" exec "$2" ctr --namespace k8s.io images import --snapshotter overlayfs - <"$3"'
  await run('sh', ['-euc', script, 'import-image', layout.runc, node.name, path], { signal })
}
