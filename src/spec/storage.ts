/** Where volumes stand: backends by name, each of a type, with the volume type by which users choose it. */
import { z } from 'zod'
import { dnsLabel, hostName } from './scalars.ts'

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
  type: z.literal('ceph').describe("ceph: images of the cloud's own Ceph."),
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

export const storage = z.strictObject({
  default: z
    .string()
    .optional()
    .describe('Backend of volumes for which no type is asked; the default is the first one.'),
  backends: z
    .record(backendName, backend)
    .prefault({ ceph: { type: 'ceph' } })
    .describe('Backends of volumes by name, several at once.'),
})

export type VolumeBackend = z.output<typeof backend>
