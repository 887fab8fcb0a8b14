/** Images (Glance v2). */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isDoubtful, statusOf } from './failure.ts'
import { Fields } from './fields.ts'
import { pause } from './pause.ts'
import type { Session } from './session.ts'

export interface Image {
  readonly id: string
  readonly name: string
  /** `queued`, `saving`, `active`, `killed`, `deleted`, … */
  readonly status: string
  readonly hidden: boolean
  readonly size: number | undefined
  /** All text properties, the freely named ones included. */
  readonly properties: Readonly<Record<string, string>>
}

export interface NewImage {
  readonly id: string
  readonly name: string
  readonly containerFormat: string
  readonly diskFormat: string
  readonly visibility: 'public' | 'private'
  /** GiB of the smallest disk. */
  readonly minDisk?: number
  /** MiB of the least memory. */
  readonly minRam?: number
  readonly properties: Readonly<Record<string, string>>
}

export interface Images {
  /** Images whose property has this value; hidden ones only when asked for. */
  readonly list: (property: Readonly<Record<string, string>>, hidden?: boolean) => Promise<readonly Image[]>
  readonly get: (id: string) => Promise<Image | undefined>
  /** `taken`: an image of this id exists, or did (Glance never gives an id twice). */
  readonly create: (image: NewImage) => Promise<Image | 'taken'>
  /** Sends the bytes of the file; the image must be queued. False when somebody else is sending or has sent, or took the image away. */
  readonly upload: (id: string, path: string) => Promise<boolean>
  /** Leaves an image usable by id, but out of lists and of look-ups by name. */
  readonly hide: (id: string) => Promise<void>
  /** One that is gone already is no error. */
  readonly remove: (id: string) => Promise<void>
}

export function images(session: Session): Images {
  return {
    list: async (property, hidden = false) => {
      const query = { ...property, limit: '200', ...(hidden ? { os_hidden: 'true' } : {}) }
      const { body } = await session.request('image', 'GET', '/v2/images', { query })
      return new Fields(body, 'GET image /v2/images').list('images', parseImage)
    },
    get: async (id) => {
      const { status, body } = await session.request('image', 'GET', `/v2/images/${id}`, { okStatus: [200, 404] })
      return status === 404 ? undefined : parseImage(new Fields(body, 'GET image /v2/images/{id}'))
    },
    create: async (image) => {
      const { status, body } = await session.request('image', 'POST', '/v2/images', {
        okStatus: [201, 409],
        body: {
          ...image.properties,
          id: image.id,
          name: image.name,
          container_format: image.containerFormat,
          disk_format: image.diskFormat,
          visibility: image.visibility,
          ...(image.minDisk === undefined ? {} : { min_disk: image.minDisk }),
          ...(image.minRam === undefined ? {} : { min_ram: image.minRam }),
        },
      })
      return status === 409 ? 'taken' : parseImage(new Fields(body, 'POST image /v2/images'))
    },
    upload: (id, path) => upload(session, id, path),
    hide: async (id) => {
      await session.request('image', 'PATCH', `/v2/images/${id}`, {
        headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
        body: [{ op: 'replace', path: '/os_hidden', value: true }],
        okStatus: [200, 404],
      })
    },
    remove: async (id) => {
      await session.request('image', 'DELETE', `/v2/images/${id}`, { okStatus: [204, 404] })
    },
  }
}

/** Sent anew when Glance or the proxy was away, or Glance failed, which leaves the image as it was; if the bytes did arrive, the second try is refused and that is the answer. */
async function upload(session: Session, id: string, path: string): Promise<boolean> {
  const { size } = await stat(path)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.request('image', 'PUT', `/v2/images/${id}/file`, { stream: createReadStream(path), headers })
      return true
    } catch (error) {
      // It was sent by somebody else, or taken away meanwhile.
      if ([404, 409].includes(statusOf(error) ?? 0)) return false
      if (attempt === 5 || !isDoubtful(error)) throw error
    }
    await pause(300 * attempt, session.signal)
  }
}

function parseImage(image: Fields): Image {
  return {
    id: image.text('id'),
    name: image.optionalText('name') ?? '',
    status: image.text('status'),
    hidden: image.flag('os_hidden'),
    size: image.optionalNumber('size'),
    properties: image.textMap(),
  }
}
