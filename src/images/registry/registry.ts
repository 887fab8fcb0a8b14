/** A registry as far as pushing and pinning need it: https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
import { Readable } from 'node:stream'
import { together } from '../../host/index.ts'
import { openCalls, type RegistryOptions } from './calls.ts'
import { type Blob, pushing, type UploadInput, upload } from './upload.ts'

export type { Blob } from './upload.ts'

export interface Manifest {
  /** `sha256:…` */
  readonly digest: string
  readonly mediaType: string
  readonly text: string
}

export interface Registry {
  /** Digest of the manifest under a tag; undefined when there is none. */
  digestOf(repository: string, tag: string): Promise<string | undefined>
  hasBlob(repository: string, digest: string): Promise<boolean>
  /** Puts a blob into a repository, going on from what has arrived when the connection breaks. */
  putBlob(repository: string, blob: Blob, options?: Pick<UploadInput, 'from' | 'onBytes'>): Promise<'mounted' | 'sent'>
  /** Gives a tag to a manifest whose blobs are there. */
  putManifest(repository: string, tag: string, manifest: Manifest): Promise<void>
  close(): void
}

export interface OpenOptions extends RegistryOptions {
  /** The most that one request carries, bytes: what is lost at most when a connection breaks. @default 16 MiB */
  readonly pieceBytes?: number
}

const manifestTypes = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'

/** Some registries keep their blobs elsewhere, and say where. */
const there = [200, 302, 303, 307, 308]

/** Throws `registry-auth-unreadable`; nothing is sent before the first call. */
async function openRegistry(options: OpenOptions): Promise<Registry> {
  const calls = await openCalls(options)
  const { pieceBytes = 16 * 1024 * 1024 } = options
  const origin = `https://${options.place.host}`

  const hasBlob = async (repository: string, digest: string): Promise<boolean> => {
    const to = `/v2/${repository}/blobs/${digest}`
    const { status } = await calls.call({ method: 'HEAD', to, scope: pushing(repository), expects: [...there, 404] })
    return status !== 404
  }
  return {
    hasBlob,
    async putBlob(repository, blob, told = {}) {
      const isThere = async (): Promise<boolean> => await hasBlob(repository, blob.digest)
      return await upload({ ...told, calls, origin, repository, blob, pieceBytes, isThere })
    },
    async digestOf(repository, tag) {
      const { status, headers } = await calls.call({
        method: 'HEAD',
        to: `/v2/${repository}/manifests/${tag}`,
        scope: `repository:${repository}:pull`,
        headers: { accept: manifestTypes },
        expects: [200, 404],
      })
      const digest = headers['docker-content-digest']
      return status === 200 && typeof digest === 'string' ? digest : undefined
    },
    async putManifest(repository, tag, { mediaType, text }) {
      await calls.call({
        method: 'PUT',
        to: `/v2/${repository}/manifests/${tag}`,
        scope: pushing(repository),
        headers: { 'content-type': mediaType },
        body: { size: Buffer.byteLength(text), open: () => Readable.from([text]) },
        expects: [201],
      })
    },
    close: () => calls.close(),
  }
}

/** Works side by side on one registry that end as one, like `together`; its connections end with them. */
export async function withRegistry<T>(
  options: OpenOptions,
  begin: (registry: Promise<Registry>, signal: AbortSignal) => readonly Promise<T>[],
): Promise<readonly T[]> {
  let opened: Promise<Registry> | undefined
  const close = async (): Promise<void> => await opened?.then((registry) => registry.close()).catch(() => undefined)
  return await together(options.signal, (signal) => {
    opened = openRegistry({ ...options, signal })
    return begin(opened, signal)
  }).finally(close)
}
