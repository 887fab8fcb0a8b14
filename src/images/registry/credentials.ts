/** Who one is for a registry: the auth files that `podman login` and `docker login` write. Only their `auths` are read; no helper is run. */
import { join } from 'node:path'
import { CroqueError } from '../../errors/index.ts'
import { readFileIfThere } from '../../host/index.ts'
import type { Place } from './place.ts'

export interface Credentials {
  readonly username: string
  /** A secret. */
  readonly password: string
}

interface AuthFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: string }>>
}

/** Paths of the auth files, the one that counts first in front. */
export function authFiles(env: Readonly<Record<string, string>>): readonly string[] {
  const under = (variable: string, path: string): readonly string[] => {
    const directory = env[variable] ?? ''
    return directory === '' ? [] : [join(directory, path)]
  }
  return [
    ...under('REGISTRY_AUTH_FILE', ''),
    ...under('XDG_RUNTIME_DIR', 'containers/auth.json'),
    ...under('HOME', '.docker/config.json'),
  ]
}

/** An auth file that is no file: what a Secret holds. */
export interface GivenAuth {
  /** As errors name it. */
  readonly from: string
  /** A secret. */
  readonly text: string
}

/** What the first auth file that names the place says of it, or the one that is given; undefined when none does. Throws `registry-auth-unreadable`. */
export async function findCredentials(
  place: Place,
  env: Readonly<Record<string, string>>,
  given?: GivenAuth,
): Promise<Credentials | undefined> {
  if (given !== undefined) return entryFor(place, parse(given.from, given.text), given.from)
  for (const path of authFiles(env)) {
    const text = await readFileIfThere(path)
    const found = text === undefined ? undefined : entryFor(place, parse(path, text), path)
    if (found !== undefined) return found
  }
  return undefined
}

/** Nothing of the file goes into the error: it is made of secrets. */
function parse(path: string, text: string): AuthFile {
  try {
    const file: unknown = JSON.parse(text)
    if (typeof file === 'object' && file !== null) return file
  } catch {
    // Told below.
  }
  throw new CroqueError('registry-auth-unreadable', {
    what: `${path} is not a container auth file`,
    why: 'it is no JSON object',
  })
}

function entryFor(place: Place, { auths = {} }: AuthFile, path: string): Credentials | undefined {
  const entries = new Map(Object.entries(auths).map(([key, { auth }]) => [plainKey(key), auth ?? '']))
  for (const key of keysOf(place)) {
    const auth = entries.get(key)
    if (auth !== undefined && auth !== '') return decode(auth, key, path)
  }
  return undefined
}

/** Docker once wrote URLs: `https://HOST/v1/`. */
const plainKey = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '')

/** `HOST/a/b`, `HOST/a`, `HOST`: a namespace may have credentials of its own. */
function keysOf({ host, prefix }: Place): readonly string[] {
  const parts = prefix === '' ? [] : prefix.split('/')
  return Array.from({ length: parts.length + 1 }, (_, left) => [host, ...parts.slice(0, parts.length - left)].join('/'))
}

function decode(auth: string, key: string, path: string): Credentials {
  const text = Buffer.from(auth, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) }
  throw new CroqueError('registry-auth-unreadable', {
    what: `the entry for ${key} in ${path} cannot be used`,
    why: 'its auth is not USER:PASSWORD in base64',
  })
}
