/** Writes OCI image layout tars out of layers in the cache. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256 } from './hash.ts'
import type { BuiltLayer, ImageRecipe, ImageRef } from './model.ts'
import { sourceDateEpoch } from './recipes.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar+zstd'
const basePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface ImageManifest {
  /** `sha256:…` of the manifest. */
  readonly digest: string
  readonly manifest: string
  readonly config: string
  readonly index: string
}

/** Manifest, configuration and index of an image: the same bytes for the same layers and recipe. */
export function imageManifest(image: ImageRecipe, ref: ImageRef, layers: readonly BuiltLayer[]): ImageManifest {
  const created = new Date(sourceDateEpoch * 1000).toISOString()
  const env = { PATH: basePath, LANG: 'C.UTF-8', KOLLA_SERVICE_NAME: image.name, ...image.env }
  const config = JSON.stringify({
    created,
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: image.user,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: ['/usr/bin/tini', '--'],
      Cmd: ['kolla_start'],
      WorkingDir: '/',
      Labels: { 'org.opencontainers.image.title': image.name, 'org.opencontainers.image.licenses': 'various' },
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, created_by: `croque layer ${layer.name} ${layer.hash.slice(0, 12)}` })),
  })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: `sha256:${sha256(config)}`, size: Buffer.byteLength(config) },
    layers: layers.map(({ digest, size }) => ({ mediaType: layerType, digest, size })),
  })
  const digest = `sha256:${sha256(manifest)}`
  const annotations = { 'io.containerd.image.name': ref.reference, 'org.opencontainers.image.ref.name': ref.reference }
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: manifestType,
        digest,
        size: Buffer.byteLength(manifest),
        platform: { architecture: 'amd64', os: 'linux' },
        annotations,
      },
    ],
  })
  return { digest, manifest, config, index }
}

export interface ArchiveEntry {
  readonly name: string
  readonly content: string | { readonly file: string; readonly size: number }
}

/** The files of an OCI layout: `blobOf` gives the file of a layer. */
export function layoutEntries(
  image: ImageManifest,
  layers: readonly BuiltLayer[],
  blobOf: (digest: string) => string,
): readonly ArchiveEntry[] {
  const blobName = (digest: string): string => `blobs/${digest.replace(':', '/')}`
  return [
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { name: 'index.json', content: image.index },
    { name: blobName(image.digest), content: image.manifest },
    { name: blobName(`sha256:${sha256(image.config)}`), content: image.config },
    ...layers.map((layer) => ({
      name: blobName(layer.digest),
      content: { file: blobOf(layer.digest), size: layer.size },
    })),
  ]
}

/** Writes a tar of regular files, complete or not at all. Left alone when it is already there. */
export async function writeArchive(path: string, entries: readonly ArchiveEntry[]): Promise<void> {
  if (existsSync(path)) return
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.${process.pid}.partial`
  const out = createWriteStream(partial)
  try {
    for (const entry of entries) {
      const size = typeof entry.content === 'string' ? Buffer.byteLength(entry.content) : entry.content.size
      await write(out, tarHeader(entry.name, size))
      if (typeof entry.content === 'string') await write(out, Buffer.from(entry.content))
      else
        for await (const chunk of createReadStream(entry.content.file, { highWaterMark: 1 << 20 }))
          await write(out, chunk as Buffer)
      await write(out, Buffer.alloc((512 - (size % 512)) % 512))
    }
    await write(out, Buffer.alloc(1024))
    await new Promise<void>((resolve, reject) => {
      out.on('error', reject)
      out.end(() => resolve())
    })
    await rename(partial, path)
  } catch (error) {
    out.destroy()
    await rm(partial, { force: true })
    throw error
  }
}

function write(out: NodeJS.WritableStream, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    out.write(data, (error) => (error ? reject(error) : resolve()))
  })
}

/** A ustar header of a regular file, mode 0644, owner 0. Names up to 100 bytes, sizes below 8 GiB. */
function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write(`${sourceDateEpoch.toString(8).padStart(11, '0')}\0`, 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
