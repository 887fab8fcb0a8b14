/** Images of the control plane, CoreDNS, pause and the provisioner: one static program each on an empty file system. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { digestOf, digestOfFile, removeTree, run } from '../../host/index.ts'
import type { ImageArchive } from '../model.ts'
import type { Binaries } from './binaries.ts'
import { imageNames, type KubernetesVersion, kubeadmImages, kubernetesVersion } from './versions.ts'

export interface SystemImage {
  /** Name of its archive. */
  readonly name: string
  /** Programs, or links to one of them, that go to /usr/local/bin; those that are not there are left out. */
  readonly programs: readonly string[]
  readonly references: readonly string[]
  readonly entrypoint: readonly string[]
  /** Programs of the node's root file system that this one calls. */
  readonly tools?: readonly string[]
  /** Path to text. */
  readonly files?: Readonly<Record<string, string>>
  /** Path to where a link there leads; tools and files may lie below one. */
  readonly links?: Readonly<Record<string, string>>
  /** Arguments of the entry point, or the command where there is none. */
  readonly command?: readonly string[]
}

/** Daemons that one image carries under all their names. */
const controlPlaneComponents = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'] as const

const controlPlane = (version: KubernetesVersion): SystemImage => ({
  name: 'control-plane',
  programs: ['kubernetes', ...controlPlaneComponents, 'etcd'],
  references: [
    ...controlPlaneComponents.map((component) => `registry.k8s.io/${component}:${version}`),
    kubeadmImages[version].etcd,
  ],
  entrypoint: [],
  // kube-proxy writes its rules by it.
  tools: ['/usr/sbin/nft'],
  // A kube-proxy that starts compares what nft tells of the rules that are there with what it wants, and that says tcp and not 6: without
  // these names it takes away what it has just made, and the node has no Services.
  files: { '/etc/protocols': 'tcp 6 TCP\nudp 17 UDP\nsctp 132 SCTP\n' },
})

const coreDns = (name: string, reference: string): SystemImage => ({
  name,
  programs: ['coredns'],
  references: [reference],
  entrypoint: ['/usr/local/bin/coredns'],
})

const pause: SystemImage = {
  name: 'pause',
  programs: ['pause'],
  references: [imageNames.pause],
  entrypoint: ['/usr/local/bin/pause'],
}

/** What the underlay's nodes need. */
export const underlayImages: readonly SystemImage[] = [
  controlPlane(kubernetesVersion),
  coreDns('coredns', imageNames.coreDns),
  pause,
  {
    name: 'local-path-provisioner',
    programs: ['local-path-provisioner'],
    references: [imageNames.localPath],
    entrypoint: ['/usr/local/bin/local-path-provisioner'],
  },
]

/**
 * What a cluster of kubeadm's making needs, under the names that this version's kubeadm has for it. What runs on nodes of several versions
 * has a second name, which is the same in every version: each node runs its own.
 */
export function kubeadmClusterImages(version: KubernetesVersion): readonly SystemImage[] {
  const daemons = controlPlane(version)
  const dns = coreDns('node-coredns', kubeadmImages[version].coreDns)
  const withName = (image: SystemImage, name: string): SystemImage => ({
    ...image,
    references: [...image.references, name],
  })
  return [
    withName({ ...daemons, name: 'node-control-plane' }, imageNames.nodeProxy),
    withName(dns, imageNames.nodeDns),
    pause,
  ]
}

export interface SystemImagesInput {
  /** Where the tools are taken from. */
  readonly rootfs: string
  /** Tells this root file system from others. @default its last path segment */
  readonly rootfsName?: string
  readonly images: readonly SystemImage[]
}

/** The archives beside the programs in the cache, made when they are not there. */
export async function ensureSystemImages(
  binaries: Binaries,
  input: SystemImagesInput,
): Promise<readonly ImageArchive[]> {
  const archives: ImageArchive[] = []
  for (const image of input.images) archives.push(...(await ensureArchive(binaries, input, image)))
  return archives
}

async function ensureArchive(
  binaries: Binaries,
  { rootfs, rootfsName = basename(rootfs) }: SystemImagesInput,
  image: SystemImage,
): Promise<readonly ImageArchive[]> {
  const directory = join(binaries.dir, 'images')
  const parts = [image.files, image.links, image.command].filter((part) => part !== undefined)
  const content = parts.length === 0 ? '' : `-${digestOf(parts.map((part) => JSON.stringify(part))).slice(0, 8)}`
  const name = `${image.name}${image.tools === undefined ? '' : `-${rootfsName}`}${content}`
  const path = join(directory, `${name}.tar`)
  const digestPath = join(directory, `${name}.digest`)
  await mkdir(directory, { recursive: true })
  if (!existsSync(digestPath) || !existsSync(path)) {
    const staging = await mkdtemp(join(directory, '.staging-'))
    try {
      const digest = await writeLayout(binaries.dir, image, { staging, rootfs })
      await tar(join(staging, 'layout'), join(staging, 'image.tar'))
      await rename(join(staging, 'image.tar'), path)
      await writeFile(join(staging, 'digest'), digest)
      await rename(join(staging, 'digest'), digestPath)
    } finally {
      await removeTree(staging)
    }
  }
  const digest = (await readFile(digestPath, 'utf8')).trim()
  return image.references.map((reference) => ({ reference, digest, path }))
}

async function writeLayout(
  directory: string,
  image: SystemImage,
  { staging, rootfs }: { readonly staging: string; readonly rootfs: string },
): Promise<string> {
  const bin = join(staging, 'root/usr/local/bin')
  await mkdir(bin, { recursive: true })
  const programs = image.programs.map((name) => join(directory, name)).filter((path) => existsSync(path))
  if (programs.length > 0) await run('cp', ['-a', '--link', ...programs, bin])
  await mkdir(join(staging, 'root/tmp'))
  // Not by mkdir, of which the umask takes away what others may.
  await chmod(join(staging, 'root/tmp'), 0o1777)
  for (const [path, target] of Object.entries(image.links ?? {})) {
    await mkdir(dirname(join(staging, 'root', path)), { recursive: true })
    await symlink(target, join(staging, 'root', path))
  }
  for (const tool of image.tools ?? []) await copyTool(rootfs, tool, join(staging, 'root'))
  for (const [path, text] of Object.entries(image.files ?? {})) {
    await mkdir(dirname(join(staging, 'root', path)), { recursive: true })
    await writeFile(join(staging, 'root', path), text)
  }
  await tar(join(staging, 'root'), join(staging, 'layer.tar'))
  const diffId = `sha256:${await digestOfFile(join(staging, 'layer.tar'))}`
  const blobs = join(staging, 'layout/blobs/sha256')
  await mkdir(blobs, { recursive: true })
  const { size } = await stat(join(staging, 'layer.tar'))
  await rename(join(staging, 'layer.tar'), join(blobs, diffId.slice(7)))
  const config = await blob(blobs, {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: ['PATH=/usr/local/bin:/usr/sbin'],
      ...(image.entrypoint.length === 0 ? {} : { Entrypoint: image.entrypoint }),
      ...(image.command === undefined ? {} : { Cmd: image.command }),
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
  })
  const manifest = await blob(blobs, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diffId, size }],
  })
  const named = image.references.map((reference) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...manifest,
    annotations: { 'org.opencontainers.image.ref.name': reference, 'io.containerd.image.name': reference },
  }))
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: named }
  await writeFile(join(staging, 'layout/index.json'), JSON.stringify(index))
  await writeFile(join(staging, 'layout/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  return manifest.digest
}

/** A program with the libraries that it is linked to. */
async function copyTool(rootfs: string, tool: string, root: string): Promise<void> {
  // What ldd asks; a shell would want devices, which a root file system in the cache need not have.
  const linked = (await run('chroot', [rootfs, '/lib64/ld-linux-x86-64.so.2', '--list', tool])).stdout
  const libraries = linked.split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  for (const path of [tool, ...libraries]) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await run('cp', ['--dereference', join(rootfs, path), join(root, path)])
  }
}

async function blob(directory: string, content: object): Promise<{ readonly digest: string; readonly size: number }> {
  const text = JSON.stringify(content)
  const digest = createHash('sha256').update(text).digest('hex')
  await writeFile(join(directory, digest), text)
  return { digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
}

/** The same bytes for the same files: sorted, without times and owners. */
async function tar(directory: string, path: string): Promise<void> {
  await run('tar', [
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
    '-C',
    directory,
    '-cf',
    path,
    '.',
  ])
}
