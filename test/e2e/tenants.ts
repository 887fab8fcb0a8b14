/** People of a cloud beside its administrator, and what all of them together have. */
import { readFileSync } from 'node:fs'
import { connect, type OpenStack } from '../../src/openstack/index.ts'
import type { Installation } from './installation.ts'

export interface Tenant {
  readonly name: string
  readonly api: () => OpenStack
  /** Runs the openstack client as this person; throws unless it ends well. */
  readonly asked: (...args: readonly string[]) => void
  /** Takes person and project away. */
  readonly remove: () => Promise<void>
}

/** A member of a project of the same name, as `openstack user create` makes one. */
export async function addTenant(cloud: Installation, name: string): Promise<Tenant> {
  const { caFile, ...login } = cloud.login()
  const ca = readFileSync(caFile, 'utf8')
  const password = `${name}-of-e2e`
  const admin = cloud.api()
  const { id: projectId } = await made(admin, '/projects', 'project', { name })
  const { id: userId } = await made(admin, '/users', 'user', { name, password, default_project_id: projectId })
  const { body } = await admin.request('identity', 'GET', '/roles?name=member')
  const [role] = (body as { readonly roles: readonly Made[] }).roles
  await admin.request('identity', 'PUT', `/projects/${projectId}/users/${userId}/roles/${role?.id}`)
  const own = { ...login, username: name, password, project: name, ca }
  const flags = ['--os-username', name, '--os-password', password, '--os-project-name', name]
  return {
    name,
    api: () => connect(own),
    asked: (...args) => {
      const { code, stdout, stderr } = cloud.run('openstack', ...flags, ...args)
      if (code !== 0) throw new Error(`openstack ${args.join(' ')}: ${stdout}${stderr}`)
    },
    remove: async () => {
      await admin.request('identity', 'DELETE', `/users/${userId}`)
      await admin.request('identity', 'DELETE', `/projects/${projectId}`)
      admin.close()
    },
  }
}

interface Made {
  readonly id: string
}

async function made(admin: OpenStack, path: string, key: string, values: object): Promise<Made> {
  const { body } = await admin.request('identity', 'POST', path, { body: { [key]: values } })
  return (body as Readonly<Record<string, Made>>)[key] as Made
}

interface Listed {
  readonly service: string
  readonly path: string
  readonly key: string
}

const everybody = 'all_tenants=1'

/** Every list in which a cluster has something, over all projects. */
const lists: Readonly<Record<string, Listed>> = {
  servers: { service: 'compute', path: `/servers?${everybody}`, key: 'servers' },
  'server groups': { service: 'compute', path: '/os-server-groups?all_projects=True', key: 'server_groups' },
  ports: { service: 'network', path: '/v2.0/ports', key: 'ports' },
  networks: { service: 'network', path: '/v2.0/networks', key: 'networks' },
  subnets: { service: 'network', path: '/v2.0/subnets', key: 'subnets' },
  routers: { service: 'network', path: '/v2.0/routers', key: 'routers' },
  'security groups': { service: 'network', path: '/v2.0/security-groups', key: 'security_groups' },
  'floating IPs': { service: 'network', path: '/v2.0/floatingips', key: 'floatingips' },
  volumes: { service: 'block-storage', path: `/volumes?${everybody}`, key: 'volumes' },
  users: { service: 'identity', path: '/users', key: 'users' },
  trusts: { service: 'identity', path: '/OS-TRUST/trusts', key: 'trusts' },
  clusters: { service: 'container-infra', path: '/clusters', key: 'clusters' },
}

/** Of each project; Heat shows nobody those of all. */
const stackList: Listed = { service: 'orchestration', path: '/stacks?show_nested=true', key: 'stacks' }

/** Ids by list, of all that is there; and names of the Secrets of the cloud's namespace. */
export async function inventory(
  cloud: Installation,
  tenants: readonly Tenant[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const [admin, ...others] = [cloud.api(), ...tenants.map(({ api }) => api())] as const
  const idsOf = async (api: OpenStack, { service, path, key }: Listed): Promise<readonly string[]> => {
    const { body } = await api.request(service, 'GET', path)
    const rows = (body as Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>)[key] ?? []
    return rows.map(({ id, uuid }) => id ?? uuid ?? '')
  }
  try {
    const { services } = await admin.identity.whoami()
    const found = Object.entries(lists)
      .filter(([, { service }]) => services.includes(service))
      .map(async ([name, list]) => [name, (await idsOf(admin, list)).toSorted()] as const)
    const stacks = [admin, ...others].map(async (api) => await idsOf(api, stackList))
    const secrets = cloud.kubectl('-n', 'openstack', 'get', 'secrets', '-o', 'name').stdout.trim().split('\n')
    return {
      ...Object.fromEntries(await Promise.all(found)),
      stacks: (await Promise.all(stacks)).flat().toSorted(),
      secrets: secrets.toSorted(),
    }
  } finally {
    for (const api of [admin, ...others]) api.close()
  }
}
