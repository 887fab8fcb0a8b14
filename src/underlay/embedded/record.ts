/** What an installation is made of, written as it is made: the next `up` brings back exactly this. */
import { z } from 'zod'
import { readFileIfThere, writeFileAtomically } from '../../host/index.ts'
import type { Layout } from './layout.ts'

const schema = z.object({
  version: z.literal(1),
  apiPort: z.number(),
  rootfs: z.string(),
  /** Digest of the programs that the nodes were made with. */
  binaries: z.string(),
  /** Digest of the objects in `addons.ts` that were applied last. */
  addons: z.string(),
  /** Nodes that have been initialised or have joined, by name. */
  members: z.array(z.string()),
})

export type Record = z.infer<typeof schema>

export async function readRecord(layout: Layout): Promise<Record | undefined> {
  const text = await readFileIfThere(layout.record)
  return text === undefined ? undefined : schema.parse(JSON.parse(text))
}

export async function writeRecord(layout: Layout, record: Record): Promise<void> {
  await writeFileAtomically(layout.record, `${JSON.stringify(record, null, 2)}\n`)
}
