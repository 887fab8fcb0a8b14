/**
 * Node images of tenant clusters in Glance. The same root file system goes there in three forms: for container guests; for virtual
 * machines, which start it by kernel and ramdisk beside it; and as a whole disk for those of clouds that take no kernel images. A
 * server's image says on what kind of host it may run.
 */
import { createHash } from 'node:crypto'
import type { Image, OpenStack } from '../../openstack/index.ts'
import type { StepAction, StepResult } from '../content.ts'
import { digestProperty, hideOld, type ImageContext, makeWholeImage, partProperty } from './whole-image.ts'

/** By what the driver of clusters, and people, know node images: the property `os_distro`. */
const distro = 'croque-node'

/** Nova's words for kinds of hosts. `qemu` runs under KVM too. */
export const nodeHypervisors = ['lxc', 'qemu'] as const

/** The first two are named for the hosts that they are for; `disk` is for those of `qemu`. */
export const nodeForms = [...nodeHypervisors, 'disk'] as const
export type NodeForm = (typeof nodeForms)[number]

interface NodeFile {
  readonly path: string
  /** In hex. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/** Files of a node image on this machine. */
export interface NodeImageFiles {
  /** `v1.35.4`; absent for nodes of swarms. */
  readonly kubernetesVersion?: string
  /** `26.1.5`, for nodes of swarms. */
  readonly dockerVersion?: string
  readonly root: NodeFile
  readonly kernel: NodeFile
  readonly ramdisk: NodeFile
  /** Boots by itself. Made only where somebody asks for it. */
  readonly disk?: NodeFile
}

type Engine = Pick<NodeImageFiles, 'kubernetesVersion' | 'dockerVersion'>

/** As it is in Glance. */
export interface NodeImageInCloud extends Engine {
  readonly id: string
  readonly name: string
  readonly form: NodeForm
  /** Tells images of the same name from one another, see {@link nodeImageDigest}. */
  readonly digest: string
}

/** Of a node image as it would be imported. It covers the bytes and the properties: a change of either makes a new image. */
export function nodeImageDigest(files: NodeImageFiles, form: NodeForm): string {
  const known = [...partsOf(files, form).map(({ sha256 }) => sha256), nodeImageProperties(files, form)]
  return createHash('sha256').update(JSON.stringify(known)).digest('hex')
}

/** What servers start from, and what there is beside it. */
function partsOf(
  { root, kernel, ramdisk, disk }: NodeImageFiles,
  form: NodeForm,
): readonly [NodeFile, ...(readonly NodeFile[])] {
  if (form === 'lxc') return [root]
  if (form === 'qemu') return [root, kernel, ramdisk]
  if (disk === undefined) throw new Error('the whole disk of the node image is not made')
  return [disk]
}

/** Properties in Glance of what servers start from, but for what other images there are beside it. */
export function nodeImageProperties(
  { kubernetesVersion, dockerVersion }: Engine,
  form: NodeForm,
): Readonly<Record<string, string>> {
  return {
    architecture: 'x86_64',
    img_hv_type: form === 'disk' ? 'qemu' : form,
    ...(kubernetesVersion === undefined ? {} : { kube_version: kubernetesVersion }),
    ...(dockerVersion === undefined ? {} : { docker_version: dockerVersion }),
    os_admin_user: 'debian',
    os_distro: distro,
    os_type: 'linux',
    ...(form === 'lxc' ? {} : machineProperties),
    ...(form === 'qemu' ? { os_command_line: nodeCommandLine } : {}),
  }
}

/** A VGA card, so that the console in the browser shows something. */
const machineProperties = { hw_machine_type: 'q35', hw_rng_model: 'virtio', hw_video_model: 'vga' }

/**
 * Of the kernel in a virtual machine. By label: the disk may be virtio-blk's or virtio-scsi's. Nova leaves out its own `no_timer_check`,
 * without which a slow emulator may stop a boot, where the command line is given.
 */
export const nodeCommandLine = 'root=LABEL=croque-node rw console=tty0 console=ttyS0 panic=10 no_timer_check'

export const nodeImageName = ({ kubernetesVersion, dockerVersion }: Engine, form: NodeForm): string =>
  `${distro}-${kubernetesVersion ?? `swarm-${dockerVersion}`}${form === 'qemu' ? '' : `-${form}`}`

/** Node images of croque's that can be used, hidden ones not. */
export async function nodeImagesIn({ image }: Pick<OpenStack, 'image'>): Promise<readonly NodeImageInCloud[]> {
  return (await image.list({ os_distro: distro })).filter(({ status }) => status === 'active').flatMap(inCloud)
}

function inCloud({ id, name, properties }: Image): readonly NodeImageInCloud[] {
  const { kube_version: kubernetesVersion, docker_version: dockerVersion } = properties
  const { [digestProperty]: digest, [partProperty]: part, img_hv_type: type } = properties
  const form = part === 'disk' ? part : nodeHypervisors.find((known) => known === type)
  const engine = {
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...(dockerVersion === undefined ? {} : { dockerVersion }),
  }
  return Object.keys(engine).length === 0 || digest === undefined || form === undefined
    ? []
    : [{ id, name, ...engine, form, digest }]
}

export interface ImportNodeImage {
  readonly files: NodeImageFiles
  readonly form: NodeForm
  /** How long another run may take to send a part, in milliseconds; then it counts as dead. @default 300000 */
  readonly sendingMs?: number
}

/** Brings a node image into Glance, for all projects. Idempotent; can be killed and run again. An older one of the same name is hidden: servers and templates go on with it by id. */
export async function importNodeImage(
  context: ImageContext,
  { files, form, sendingMs = 300_000 }: ImportNodeImage,
): Promise<StepResult & { readonly id: string }> {
  const name = nodeImageName(files, form)
  const digest = nodeImageDigest(files, form)
  const named = await context.cloud.image.list({ name })
  const ready = named.find((image) => image.status === 'active' && image.properties[digestProperty] === digest)
  const ids =
    ready === undefined
      ? await make(context, { files, form, sendingMs }, { name, digest })
      : [ready.id, ready.properties['kernel_id'], ready.properties['ramdisk_id']]
  const lists = [name, `${name}-kernel`, `${name}-ramdisk`].map(
    async (each) => await context.cloud.image.list({ name: each }),
  )
  const hidden = await hideOld(context, (await Promise.all(lists)).flat(), ({ id }) => ids.includes(id))
  return { action: actionOf(ready !== undefined, hidden), message: `image ${name} is active`, id: ids[0] ?? '' }
}

function actionOf(ready: boolean, hidden: boolean): StepAction {
  if (hidden) return 'configured'
  return ready ? 'unchanged' : 'created'
}

/** Sends the parts, what servers start from last: it names the others. Returns their ids, its own first. */
async function make(
  context: ImageContext,
  { files, form, sendingMs }: Required<ImportNodeImage>,
  { name, digest }: { readonly name: string; readonly digest: string },
): Promise<readonly string[]> {
  const properties = nodeImageProperties(files, form)
  const beside: Readonly<Record<string, string>> =
    form === 'qemu' ? await makeBoot(context, files, { name, sendingMs }) : {}
  const [{ path, size }] = partsOf(files, form)
  const part = form === 'disk' ? 'disk' : 'root'
  const id = await makeWholeImage(context, {
    name,
    part: part === 'disk' ? 'whole disk' : 'root file system',
    path,
    format: 'raw',
    properties: { ...properties, ...beside, [digestProperty]: digest, [partProperty]: part },
    // What it unpacks to, and a cluster's first gigabyte; less than that and the kubelet evicts what was just begun.
    minDisk: Math.ceil(size / 2 ** 30) + 1,
    minRam: 512,
    identity: [digest, part, ...Object.values(beside)],
    sendingMs,
  })
  return [id, ...Object.values(beside)]
}

async function makeBoot(
  context: ImageContext,
  { kernel, ramdisk }: NodeImageFiles,
  { name, sendingMs }: { readonly name: string; readonly sendingMs: number },
): Promise<Readonly<Record<'kernel_id' | 'ramdisk_id', string>>> {
  const one = async (part: string, format: 'aki' | 'ari', { path, sha256 }: NodeFile): Promise<string> =>
    await makeWholeImage(context, {
      name: `${name}-${part}`,
      part,
      path,
      format,
      properties: { [digestProperty]: sha256, [partProperty]: part },
      identity: [sha256, name, part],
      sendingMs,
    })
  const [kernel_id, ramdisk_id] = await Promise.all([one('kernel', 'aki', kernel), one('ramdisk', 'ari', ramdisk)])
  return { kernel_id, ramdisk_id }
}
