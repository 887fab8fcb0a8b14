/** What a kubeconfig says of one context: where the API server is and how to prove who one is. */
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CroqueError } from '../../errors/index.ts'

const cluster = z.looseObject({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
})

const exec = z.looseObject({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
})

const user = z.looseObject({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  exec: exec.optional(),
})

const context = z.looseObject({ cluster: z.string(), user: z.string(), namespace: z.string().optional() })

const schema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string(), cluster })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user })).nullish(),
  contexts: z.array(z.looseObject({ name: z.string(), context })).nullish(),
  'current-context': z.string().nullish(),
})

type Cluster = z.output<typeof cluster>
export type User = z.output<typeof user>
export type Exec = z.output<typeof exec>

export interface Chosen {
  readonly context: string
  readonly cluster: Cluster
  readonly user: User
}

/** A kubeconfig file as it was read. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
}

/**
 * The context that is named, or the current one, of files as kubectl puts them together: what an earlier file names is not looked
 * for in a later one. Paths in it are absolute afterwards. Pure. Throws `kubeconfig-invalid`.
 */
export function choose(files: readonly ConfigFile[], wanted: string | undefined): Chosen {
  const read = files.map(({ path, text }) => ({ path, config: parseConfig(path, text) }))
  const where = files.map(({ path }) => path).join(', ')
  const all = <T>(list: (config: z.output<typeof schema>) => readonly T[] | null | undefined) =>
    read.flatMap(({ path, config }) => (list(config) ?? []).map((entry) => ({ path, entry })))
  const contexts = all(({ contexts }) => contexts)
  const name = wanted ?? read.map(({ config }) => config['current-context']).find((current) => current)
  if (name === undefined || name === null)
    throw invalid(`${where} has no current context`, 'Name one in spec.underlay.context.')
  const found = contexts.find(({ entry }) => entry.name === name)?.entry.context
  if (found === undefined)
    throw invalid(
      `${where} has no context ${JSON.stringify(name)}`,
      `Contexts there: ${contexts.map(({ entry }) => entry.name).join(', ') || 'none'}.`,
    )
  const ofCluster = all(({ clusters }) => clusters).find(({ entry }) => entry.name === found.cluster)
  const ofUser = all(({ users }) => users).find(({ entry }) => entry.name === found.user)
  if (ofCluster === undefined || ofUser === undefined)
    throw invalid(`the context ${JSON.stringify(name)} of ${where} names a cluster or user that is not there`)
  return {
    context: name,
    cluster: absolute(ofCluster.path, ofCluster.entry.cluster, ['certificate-authority']),
    user: absolute(ofUser.path, ofUser.entry.user, ['client-certificate', 'client-key', 'tokenFile']),
  }
}

/** Values are never part of the message: the file is full of credentials. */
function parseConfig(path: string, text: string): z.output<typeof schema> {
  try {
    const parsed = schema.safeParse(parse(text))
    if (parsed.success) return parsed.data
    const places = parsed.error.issues.map(({ path: place }) => place.join('.') || 'the whole file')
    throw invalid(`${path} is no kubeconfig: not as expected at ${places.join(', ')}`)
  } catch (error) {
    if (error instanceof CroqueError) throw error
    throw invalid(`${path} is no YAML`)
  }
}

function absolute<T extends Record<string, unknown>>(file: string, entry: T, keys: readonly string[]): T {
  const paths = keys.flatMap((key) => {
    const value = entry[key]
    return typeof value === 'string' && value !== '' ? [[key, resolve(dirname(file), value)]] : []
  })
  return { ...entry, ...Object.fromEntries(paths) }
}

export const invalid = (what: string, next?: string): CroqueError =>
  new CroqueError('kubeconfig-invalid', { what, ...(next === undefined ? {} : { next }) })
