/** The block storage as its clients see it: where the monitors are, whose keyring is where. */
import {
  type BuildContext,
  type CatalogContext,
  component,
  configDir,
  type Declarations,
  type FileSpec,
  type Need,
  type StorageUser,
  task,
  type VolumeSpec,
} from './model.ts'

export const monitorPort = 3300

/** Whether the document's cloud has a block storage, its own or one of somebody else's. */
export const hasStorage = (context: BuildContext): boolean => context.declared.some(({ service }) => service === 'ceph')

/** An odd number at most as large as the wished one: of two monitors both would be needed. */
export const monitorCount = (context: CatalogContext): number => {
  const wished = context.replicas('ceph', 'mon')
  return wished % 2 === 0 ? wished - 1 : wished
}

/** Each monitor has a name of its own, since the others and all clients remember its address. */
export const monitorHosts = (context: CatalogContext): string =>
  Array.from(
    { length: monitorCount(context) },
    (_, index) => `ceph-mon-${index}.${context.namespace}.svc:${monitorPort}`,
  ).join(',')

const confName = 'ceph.conf'
/** Where a client finds its keyring; os-brick looks only in `/etc/ceph`, under this name. */
const keyringName = (user: string): string => `ceph.client.${user}.keyring`
const ownSecret = (user: string): string => `ceph-client-${user}`

export type StorageWish = Pick<StorageUser, 'user' | 'pools' | 'libvirtSecret'>

/**
 * Users of the block storage. In one of our own each has a Secret that nobody else's containers see; those of an external one
 * stand in the Secret that the document names.
 */
export function storageUsers(
  { storage: { externalSecret } }: CatalogContext,
  ...wishes: readonly StorageWish[]
): Required<Pick<Declarations, 'storage' | 'secrets' | 'given'>> {
  const users = wishes.map((wish) => ({
    ...wish,
    secret: externalSecret ?? ownSecret(wish.user),
    key: keyringName(wish.user),
  }))
  if (externalSecret !== undefined)
    return { storage: users, secrets: {}, given: { [externalSecret]: [confName, ...users.map(({ key }) => key)] } }
  const secrets: Declarations['secrets'] = Object.fromEntries(
    users.map(({ user, secret, key }) => [
      secret,
      { keys: { [key]: { kind: 'ceph-keyring', entity: `client.${user}` } } },
    ]),
  )
  return { storage: users, secrets, given: {} }
}

/** Waits for the storage as a whole: pools and users. For one of somebody else nobody can wait here. */
export const storageNeeds = ({ storage }: CatalogContext): readonly Need[] =>
  storage.externalSecret === undefined ? [component('ceph/mon'), task('ceph/pools')] : []

const clientDir = '/etc/ceph'

/** Used in place, so that a keyring can be mounted over `/etc/ceph`; that of an external storage stands beside the keyrings. */
export const clientConfFile = ({ storage }: CatalogContext): string =>
  storage.externalSecret === undefined ? `${configDir}/${confName}` : `${clientDir}/${confName}`

/** Each keyring is in a Secret of its own, so that only the first can be mounted where all programs look. */
const directoryOf = (user: string, index: number): string => (index === 0 ? clientDir : `${clientDir}-${user}`)

/** `ceph.conf` of a container with the keyrings of these users. */
export function clientFiles(context: CatalogContext, users: readonly string[]): Readonly<Record<string, FileSpec>> {
  if (context.storage.externalSecret !== undefined) return {}
  const keyrings = users.map((user, index) => [
    `client.${user}`,
    { keyring: `${directoryOf(user, index)}/${keyringName(user)}` },
  ])
  const global = { mon_host: monitorHosts(context), log_to_file: false }
  return { [clientConfFile(context)]: { ini: { global, ...Object.fromEntries(keyrings) } } }
}

/** The keyrings of these users, and of an external storage what tells where it is. */
export function clientVolumes(context: CatalogContext, users: readonly string[], mode = 0o440): readonly VolumeSpec[] {
  const { externalSecret } = context.storage
  const common = { kind: 'secret', mode } as const
  if (externalSecret === undefined)
    return users.map((user, index) => ({
      ...common,
      name: `keyring-${user}`,
      secret: ownSecret(user),
      mountPath: directoryOf(user, index),
    }))
  const keys = [confName, ...users.map(keyringName)]
  return [{ ...common, name: 'storage', secret: externalSecret, mountPath: clientDir, keys }]
}
