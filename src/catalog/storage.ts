/** The block storage as its clients see it: where the monitors are, whose keyring is where. */
import {
  type BuildContext,
  type CatalogContext,
  configDir,
  type Declarations,
  type Ini,
  type StorageUser,
  type VolumeSpec,
} from './model.ts'

export const monitorPort = 3300

/** Whether the document's cloud has a block storage. */
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

/** Where a client finds its keyring; os-brick looks only in `/etc/ceph`, under this name. */
const keyringName = (user: string): string => `ceph.client.${user}.keyring`
const secretOf = (user: string): string => `ceph-client-${user}`

/** A user with a Secret that nobody else's containers see. */
export const storageUser = (
  user: string,
  options: Pick<StorageUser, 'pools' | 'libvirtSecret'>,
): { readonly user: StorageUser; readonly secrets: NonNullable<Declarations['secrets']> } => ({
  user: { user, secret: secretOf(user), key: keyringName(user), ...options },
  secrets: { [secretOf(user)]: { keys: { [keyringName(user)]: { kind: 'ceph-keyring', entity: `client.${user}` } } } },
})

/** Used in place, so that a keyring can be mounted over `/etc/ceph`. */
export const clientConfFile = `${configDir}/ceph.conf`

/** `ceph.conf` of a container with the keyrings of these users, each in its directory. */
export const clientConf = (context: CatalogContext, directories: Readonly<Record<string, string>>): Ini => ({
  global: { mon_host: monitorHosts(context), log_to_file: false },
  ...Object.fromEntries(
    Object.entries(directories).map(([user, directory]) => [
      `client.${user}`,
      { keyring: `${directory}/${keyringName(user)}` },
    ]),
  ),
})

export const keyringVolume = (user: string, directory: string, mode = 0o440): VolumeSpec => ({
  kind: 'secret',
  name: `keyring-${user}`,
  secret: secretOf(user),
  mountPath: directory,
  mode,
})
