/** The block storage: whose it is, where its disks stand, and what beside volumes stands on it. */
import { z } from 'zod'
import { objectName } from './scalars.ts'

const absolutePath = (below: string) =>
  z
    .string()
    .regex(new RegExp(`^${below}/[A-Za-z0-9][\\w.:-]*(/[A-Za-z0-9][\\w.:-]*)*$`), `an absolute path below ${below}`)

const osd = z.strictObject({
  size: z
    .string()
    .regex(/^[1-9]\d{0,5}Gi$/, 'whole gibibytes, such as 100Gi')
    .default('8Gi')
    .describe('Size of its file, fixed when it is made; a device is used whole.'),
  directory: absolutePath('/var/lib')
    .optional()
    .describe('Its file stands in this directory of the node, which outlives the cloud; else on a claim.'),
  device: absolutePath('/dev')
    .optional()
    .describe('A whole block device of the node, which must be empty. What is written to it outlives the cloud.'),
})

const external = z.strictObject({
  secretRef: z
    .strictObject({
      name: objectName.describe(
        'Name of a Secret in the namespace of the cloud, with ceph.conf and a keyring for each user: ceph.client.<user>.keyring.',
      ),
    })
    .describe('How to reach it, and as whom.'),
})

export const storage = z.strictObject({
  external: external.optional().describe('A Ceph that somebody else operates; none is made then.'),
  osds: z
    .record(z.string(), osd)
    .prefault({})
    .describe(
      'OSDs by name of their node, in place of those that stand wherever there is room: {} is a file on a claim, {directory: …} or {device: …} of the node.',
    ),
  images: z
    .enum(['files', 'block'])
    .default('files')
    .describe('Where new images stand; block: in the block storage. Those that are there stay where they are.'),
  disks: z
    .enum(['files', 'block'])
    .default('files')
    .describe(
      'Where the disks of new servers stand; block: in the block storage, seen by all nodes. The libvirt Pods know its key from their start on.',
    ),
})
