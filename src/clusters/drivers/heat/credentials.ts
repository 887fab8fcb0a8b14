/**
 * What the nodes of a cluster call the cloud with: an application credential of the cluster's user, on the cluster's project, for the
 * calls of {@link accessRules} only. Keystone tells the secret of one only once, so name and secret are chosen here and written down
 * before it is made: whoever is killed in between finds in Keystone what is written down, or makes it. Whatever other one the user has
 * is a left-over, or the one before a rotation.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type OpenStack, statusOf } from '../../../openstack/index.ts'
import { type Cluster, type ClusterSecret, type ClusterStore, ConflictError } from '../../model/index.ts'
import { accessRules } from './access-rules.ts'

/** As the user of a cluster. */
export interface UserSession {
  readonly cloud: Pick<OpenStack, 'request'>
  readonly userId: string
}

const credential = z.object({
  /** Within its user: `nodes-<random>`. What nodes have is told apart by it. */
  name: z.string(),
  secret: z.string(),
  /** The operation that asked for it, where one did. */
  rotation: z.string().exactOptional(),
})

export type Credential = Readonly<z.infer<typeof credential>>

export interface CredentialKeeper {
  /** Makes it when it is not there, and a new one once for an operation that rotates. @returns its name */
  ensure(cluster: Cluster): Promise<string>
  /** Revokes every other one of the cluster's user. */
  prune(cluster: Cluster): Promise<void>
}

export interface CredentialOptions {
  readonly sessionOf: (cluster: Cluster) => Promise<UserSession>
  readonly store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>
  /** What nodes are in the project. */
  readonly role: string
  /** Whose endpoints they use; default any. */
  readonly region?: string
}

const secretName = 'credential'

/** What is written down: it may not be in Keystone yet. */
export async function writtenCredential(
  store: Pick<ClusterStore, 'readSecret'>,
  clusterId: string,
): Promise<Credential | undefined> {
  return read(await store.readSecret(clusterId, secretName))
}

const read = (secret: ClusterSecret | undefined): Credential | undefined => {
  const text = secret?.data['credential']
  return text === undefined ? undefined : credential.parse(JSON.parse(text))
}

export function credentialKeeper({ sessionOf, store, ...about }: CredentialOptions): CredentialKeeper {
  const decide = async (cluster: Cluster): Promise<Credential> => {
    const { kind, id } = cluster.spec.operation
    const secret = await store.readSecret(cluster.uuid, secretName)
    const known = read(secret)
    const rotates = kind === 'rotate-credential'
    if (known !== undefined && (!rotates || known.rotation === id)) return known
    const made = {
      name: `nodes-${randomBytes(8).toString('hex')}`,
      secret: randomBytes(32).toString('base64url'),
      ...(rotates ? { rotation: id } : {}),
    }
    try {
      await store.writeSecret(cluster, secretName, { credential: JSON.stringify(made) }, secret)
      return made
    } catch (error) {
      if (error instanceof ConflictError) return await decide(cluster)
      throw error
    }
  }
  return {
    ensure: async (cluster) => {
      const wanted = await decide(cluster)
      const session = await sessionOf(cluster)
      const there = await listed(session)
      if (!there.some(({ name }) => name === wanted.name)) await make(session, cluster, { ...wanted, ...about })
      return wanted.name
    },
    prune: async (cluster) => {
      const session = await sessionOf(cluster)
      const wanted = await writtenCredential(store, cluster.uuid)
      for (const { id, name } of await listed(session))
        if (name !== wanted?.name)
          await session.cloud.request('identity', 'DELETE', `${pathOf(session)}/${id}`, { okStatus: [204, 404] })
    },
  }
}

const pathOf = ({ userId }: UserSession): string => `/users/${userId}/application_credentials`

interface Listed {
  readonly id: string
  readonly name: string
}

async function listed(session: UserSession): Promise<readonly Listed[]> {
  const { body } = await session.cloud.request('identity', 'GET', pathOf(session))
  return (body as { readonly application_credentials: readonly Listed[] }).application_credentials
}

async function make(
  session: UserSession,
  { spec }: Cluster,
  { name, secret, role, region }: Credential & Pick<CredentialOptions, 'role' | 'region'>,
): Promise<void> {
  const { body } = await session.cloud.request('identity', 'GET', '/auth/catalog')
  const wish = {
    name,
    secret,
    description: `Nodes of the cluster ${spec.name}`,
    roles: [{ name: role }],
    unrestricted: false,
    access_rules: accessRules(publicEndpoints((body as { readonly catalog: Catalog }).catalog, region)),
  }
  try {
    await session.cloud.request('identity', 'POST', pathOf(session), { body: { application_credential: wish } })
  } catch (error) {
    // A call that was given up came through after all: it said the same.
    if (statusOf(error) !== 409) throw error
  }
}

type Catalog = readonly {
  readonly type: string
  readonly endpoints: readonly { readonly interface: string; readonly region_id: string; readonly url: string }[]
}[]

const publicEndpoints = (catalog: Catalog, region: string | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    catalog.flatMap(({ type, endpoints }) => {
      const found = endpoints.find(
        (each) => each.interface === 'public' && (region === undefined || each.region_id === region),
      )
      return found === undefined ? [] : [[type, found.url] as const]
    }),
  )
