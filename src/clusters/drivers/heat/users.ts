/**
 * The user of each cluster: in a domain that is for such users only, a member of the cluster's project, and nobody's but the cluster's. So
 * a cluster outlives whoever asked for it, and what is made for it is made with no more rights than a member has.
 */
import { randomBytes } from 'node:crypto'
import type { OpenStack } from '../../../openstack/index.ts'
import { type Cluster, type ClusterStore, ConflictError } from '../../model/index.ts'

export interface UsersOptions {
  /** As the administrator of the domain. */
  readonly admin: Pick<OpenStack, 'request'>
  readonly domain: string
  /** What the user is in the project. @default member */
  readonly role?: string
  readonly store: Pick<ClusterStore, 'readSecret' | 'writeSecret'>
}

export interface ClusterUser {
  readonly id: string
  readonly name: string
  readonly password: string
}

export interface ClusterUsers {
  /** Makes the user when it is not there, or is not what it shall be. */
  ensure(cluster: Cluster): Promise<ClusterUser>
  /** One that is gone is no error. */
  remove(cluster: Cluster): Promise<void>
}

const secretName = 'user'

export function clusterUsers({ admin, domain, role = 'member', store }: UsersOptions): ClusterUsers {
  const get = async (path: string, key: string): Promise<readonly Named[]> => {
    const { body } = await admin.request('identity', 'GET', path)
    return (body as Readonly<Record<string, readonly Named[]>>)[key] ?? []
  }
  const idOf = async (path: string, key: string): Promise<string> => {
    const [found] = await get(path, key)
    if (found === undefined) throw new Error(`Keystone has none of ${path}`)
    return found.id
  }
  const domainId = (): Promise<string> => idOf(`/domains?name=${encodeURIComponent(domain)}`, 'domains')
  const find = async (name: string, domain: string): Promise<Named | undefined> =>
    (await get(`/users?domain_id=${domain}&name=${encodeURIComponent(name)}`, 'users'))[0]

  const isRight = async (id: string, password: string): Promise<boolean> => {
    const auth = { identity: { methods: ['password'], password: { user: { id, password } } } }
    const okStatus = [201, 401]
    return (await admin.request('identity', 'POST', '/auth/tokens', { body: { auth }, okStatus })).status === 201
  }

  const password = async (cluster: Cluster): Promise<string> => {
    const secret = await store.readSecret(cluster.uuid, secretName)
    const known = secret?.data['password']
    if (known !== undefined) return known
    const made = randomBytes(32).toString('base64url')
    try {
      await store.writeSecret(cluster, secretName, { password: made }, secret)
      return made
    } catch (error) {
      if (error instanceof ConflictError) return await password(cluster)
      throw error
    }
  }

  return {
    ensure: async (cluster) => {
      const user = { name: cluster.uuid, password: await password(cluster) }
      const domain = await domainId()
      const found = await find(user.name, domain)
      const id = found?.id ?? (await create(admin, { ...user, domain_id: domain }))
      const roleId = await idOf(`/roles?name=${encodeURIComponent(role)}`, 'roles')
      // Somebody may have been killed between the Secret and Keystone: the Secret is what counts. What is right is left alone, for
      // a new password ends all tokens of the user, also those that nodes have.
      if (found !== undefined && !(await isRight(id, user.password)))
        await admin.request('identity', 'PATCH', `/users/${id}`, {
          body: { user: { password: user.password, enabled: true } },
        })
      await admin.request(
        'identity',
        'PUT',
        `/projects/${encodeURIComponent(cluster.spec.projectId)}/users/${id}/roles/${roleId}`,
      )
      return { id, ...user }
    },
    remove: async (cluster) => {
      const found = await find(cluster.uuid, await domainId())
      if (found !== undefined) await admin.request('identity', 'DELETE', `/users/${found.id}`, { okStatus: [204, 404] })
    },
  }
}

interface Named {
  readonly id: string
}

async function create(admin: Pick<OpenStack, 'request'>, user: object): Promise<string> {
  const { body } = await admin.request('identity', 'POST', '/users', { body: { user } })
  return (body as { readonly user: Named }).user.id
}
