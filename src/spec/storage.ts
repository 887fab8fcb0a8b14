/** The block storage: the backends of volumes, each with the type by which users choose it; whose Ceph it is, where its disks stand, and what else stands on it. */
import { z } from 'zod'
import { dnsLabel, hostName, objectName } from './scalars.ts'

const path = z.string().regex(/^(\/[\w.-]+)+$/, 'an absolute path, such as /srv/volumes')

/** Sections of the volume service's configuration: a backend of that name would write into one. */
const taken = ['backend', 'barbican', 'coordination', 'cors', 'database', 'healthcheck', 'nova', 'profiler', 'vault']

const backendName = dnsLabel(40).refine((name) => !taken.includes(name), `none of ${taken.join(', ')}`)

const spec = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const qos = z.strictObject({
  consumer: z
    .enum(['front-end', 'back-end', 'both'])
    .default('front-end')
    .describe('Who keeps the limits: front-end, the hypervisor; back-end, the storage; or both.'),
  specs: z
    .record(z.string().regex(/^\w{1,255}$/, 'letters, digits and "_"'), spec)
    .describe('Limits by name, for example total_iops_sec: 500, total_bytes_sec: 52428800.'),
})

const volumeType = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,255}$/, 'letters, digits, ".", "_" and "-"')
    .optional()
    .describe('Name of the volume type; the default is that of the backend.'),
  public: z.boolean().default(true).describe('Whether every project may use it.'),
  extraSpecs: z.record(z.string().min(1), spec).default({}).describe('Further extra specs of the type.'),
})

const common = {
  volumeType: volumeType.prefault({}).describe('The volume type by which users choose the backend.'),
  qos: qos.optional().describe('Limits for volumes of that type.'),
}

const ceph = z.strictObject({
  type: z.literal('ceph').describe("ceph: images of Ceph, the cloud's own or an external one."),
  ...common,
})

const lvm = z.strictObject({
  type: z.literal('lvm').describe('lvm: logical volumes of every storage node, by iSCSI of its kernel.'),
  group: z
    .string()
    .regex(/^[\w+.][\w+.-]{0,126}$/, 'name of a volume group')
    .default('cinder-volumes')
    .describe('Volume group on every storage node.'),
  ...common,
})

const nfs = z.strictObject({
  type: z.literal('nfs').describe('nfs: files on an NFS server.'),
  server: hostName.optional().describe('Name or address of the server.'),
  path: path.optional().describe('Path that the server exports.'),
  mountOptions: z
    .string()
    .regex(/^[\w.,=:-]+$/, 'options of mount, such as vers=4.2,hard')
    .optional()
    .describe('Options of the mount.'),
  directory: path
    .optional()
    .describe('Directory of the node that stands in for a server, only where one embedded node is the whole cloud.'),
  ...common,
})

const backend = z.discriminatedUnion('type', [ceph, lvm, nfs])

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
  default: z
    .string()
    .optional()
    .describe('Backend of volumes for which no type is asked; the default is the first one.'),
  backends: z
    .record(backendName, backend)
    .prefault({ ceph: { type: 'ceph' } })
    .describe('Backends of volumes by name, several at once.'),
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

export type VolumeBackend = z.output<typeof backend>
