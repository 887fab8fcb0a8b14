/** Uploads one blob: in one piece when it is small, else in pieces one after the other, and on from where it stood after a break. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { Call, Calls } from './calls.ts'
import { type Answer, type Body, Dropped } from './exchange.ts'

/** Bytes under their digest: in a file, or a text. */
export interface Blob {
  /** `sha256:…` */
  readonly digest: string
  readonly size: number
  readonly content: string | { readonly file: string }
}

export interface UploadInput {
  readonly calls: Calls
  readonly origin: string
  readonly repository: string
  readonly blob: Blob
  /** Another repository of the registry that has it: the bytes need not go again. */
  readonly from?: string
  /** The most that one request carries. */
  readonly pieceBytes: number
  /** Whether it is there by now. */
  readonly isThere: () => Promise<boolean>
  /** Told after every piece that has arrived. */
  readonly onBytes?: (bytes: number) => void
}

/** Where an upload stands. */
interface Upload {
  readonly location: URL
  readonly offset: number
  /** The registry may ask for larger pieces. */
  readonly pieceBytes: number
}

/** An upload that the registry knows no more, or has lost count of. */
const forgotten = [400, 404, 416]

export const pushing = (repository: string): string => `repository:${repository}:pull,push`

/** Throws when the registry does not come back; then nothing of the blob is there, or all of it. */
export async function upload(input: UploadInput): Promise<'mounted' | 'sent'> {
  const { calls, blob, isThere, onBytes } = input
  let standing: Upload | undefined
  let broken = false
  let arrived = 0

  /** Undefined when the registry took the blob over from another repository. */
  const open = async (): Promise<Upload | undefined> => {
    if (standing !== undefined && broken) standing = await ask(input, standing)
    return standing ?? (await begin(input))
  }
  const attempt = async (): Promise<'mounted' | 'sent'> => {
    if (broken && (await isThere())) return 'sent'
    standing = await open()
    broken = true
    if (standing === undefined) return 'mounted'
    while (standing.offset < blob.size) {
      const before: Upload = standing
      const call = piece(input, before)
      const answer = await calls.once(call)
      standing = after(answer, call, before)
      if (standing === undefined) throw new Dropped(new Error(`the upload could not go on: ${words(answer)}`))
      onBytes?.(standing.offset - before.offset)
      arrived = Math.max(arrived, standing.offset)
    }
    return 'sent'
  }
  return await calls.persist(attempt, () => arrived)
}

const words = ({ status, text }: Answer): string => `${status} ${text.slice(0, 300)}`.trim()

/** A registry that does not take a blob over begins an upload instead. */
async function begin(input: UploadInput): Promise<Upload | undefined> {
  const { calls, repository, blob, from } = input
  const query = from === undefined ? '' : `?mount=${blob.digest}&from=${encodeURIComponent(from)}`
  const to = `/v2/${repository}/blobs/uploads/${query}`
  const scope = from === undefined ? pushing(repository) : `${pushing(repository)} repository:${from}:pull`
  const answer = await calls.once({ method: 'POST', to, scope, expects: from === undefined ? [202] : [201, 202] })
  return answer.status === 201 ? undefined : uploadOf(answer, new URL(to, input.origin), input.pieceBytes)
}

/** Undefined when nobody knows of it. */
async function ask({ calls, repository, pieceBytes }: UploadInput, { location }: Upload): Promise<Upload | undefined> {
  const call = { method: 'GET', to: location, scope: pushing(repository), expects: [204, ...forgotten] } as const
  const answer = await calls.once(call)
  return answer.status === 204 ? uploadOf(answer, location, pieceBytes) : undefined
}

function piece({ repository, blob }: UploadInput, { offset, location, pieceBytes }: Upload): Call {
  const end = Math.min(blob.size, offset + pieceBytes)
  const last = end === blob.size
  const to = new URL(location)
  if (last) to.searchParams.set('digest', blob.digest)
  return {
    method: last ? 'PUT' : 'PATCH',
    to,
    scope: pushing(repository),
    headers: {
      'content-type': 'application/octet-stream',
      // A blob that goes in one piece needs none, and some registries take it for an error.
      ...(last && offset === 0 ? {} : { 'content-range': `${offset}-${end - 1}` }),
    },
    body: bodyOf(blob, offset, end),
    expects: [last ? 201 : 202, ...forgotten],
  }
}

/** Undefined when it does not go on. */
function after(answer: Answer, { method, body }: Call, before: Upload): Upload | undefined {
  if (forgotten.includes(answer.status)) return undefined
  const all = before.offset + (body?.size ?? 0)
  if (method === 'PUT') return { ...before, offset: all }
  const next = uploadOf(answer, before.location, before.pieceBytes)
  if (answer.headers['range'] === undefined) return { ...next, offset: all }
  return next.offset > before.offset ? next : undefined
}

/** `Range: 0-99` says that 100 bytes are there. `0-0` is also said of none; our pieces are larger than one byte. */
function uploadOf({ headers }: Answer, at: URL, pieceBytes: number): Upload {
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? '0-0'))?.[1] ?? 0)
  return {
    location: new URL(headers.location ?? at, at),
    offset: last === 0 ? 0 : last + 1,
    pieceBytes: Math.max(pieceBytes, Number(headers['oci-chunk-min-length'] ?? 0)),
  }
}

const bodyOf = ({ content }: Blob, start: number, end: number): Body => ({
  size: end - start,
  open: () =>
    typeof content === 'string'
      ? Readable.from([Buffer.from(content).subarray(start, end)])
      : createReadStream(content.file, { start, end: end - 1, highWaterMark: 1 << 18 }),
})
