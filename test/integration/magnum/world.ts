/** Where requests are asked: a Keystone with people of every role, and fakes of the services where a Container Infra API looks things up. */
import { join } from 'node:path'
import { type FakeOpenStack, startFakeOpenStack } from '../../fakes/openstack/index.ts'
import type { RoleName, User } from '../openstack/identity.ts'
import { type Keystone, startKeystone } from '../openstack/keystone.ts'

/** Who asks. `nobody` sends no token, `liar` one that no Keystone made, `unscoped` one of no project, `system` the administrator's for the system. */
export type Person =
  | 'reader'
  | 'member'
  | 'second'
  | 'manager'
  | 'admin'
  | 'redadmin'
  | 'service'
  | 'other'
  | 'otherreader'
  | 'application'
  | 'trustee'
  | 'unscoped'
  | 'system'
  | 'liar'
  | 'nobody'

export interface World {
  readonly keystone: Keystone
  readonly fake: FakeOpenStack
  /** Undefined for `nobody`. */
  readonly token: (person: Person) => Promise<string | undefined>
  /** Words for ids in paths, bodies and recordings: `project:red`, `user:member`, `image:coreos`. */
  readonly names: ReadonlyMap<string, string>
  readonly login: (person: Person) => { readonly user: User; readonly project: string }
  readonly close: () => Promise<void>
}

const people: Readonly<Record<string, readonly [project: string, role: RoleName]>> = {
  reader: ['red', 'reader'],
  member: ['red', 'member'],
  second: ['red', 'member'],
  manager: ['red', 'manager'],
  redadmin: ['red', 'admin'],
  service: ['red', 'service'],
  other: ['blue', 'member'],
  otherreader: ['blue', 'reader'],
}

/** Everything that it starts ends with `close`; `dir` stays. */
export async function openWorld(dir: string): Promise<World> {
  const keystone = await startKeystone({ dir: join(dir, 'keystone') })
  const fake = await startFakeOpenStack({ anyToken: true })
  const { identity } = keystone
  try {
    const names = new Map<string, string>()
    for (const name of ['red', 'blue']) names.set(`project:${name}`, (await identity.createProject(name)).id)
    const users = new Map<string, User>()
    for (const [name, [project, role]] of Object.entries(people)) {
      const user = await identity.createUser(name, { project: names.get(`project:${project}`) ?? '', roles: [role] })
      users.set(name, user)
      names.set(`user:${name}`, user.id)
    }
    const { user: own, project: ownProject } = await identity.describe(
      await identity.tokenOf({ name: 'admin', password: keystone.admin.password }, 'admin'),
    )
    const admin = { id: idOf(own), name: 'admin', password: keystone.admin.password }
    names.set('user:admin', admin.id)
    names.set('project:admin', idOf(ownProject))
    users.set('admin', admin)
    for (const [name, id] of furnish(fake)) names.set(name, id)
    for (const [type, path] of [
      ['image', '/image'],
      ['compute', '/compute/v2.1'],
      ['network', '/network'],
    ] as const)
      await identity.offer(type, `${fake.origin}${path}`)
    const login = (person: Person): { readonly user: User; readonly project: string } => {
      const user = users.get(person)
      if (user === undefined) throw new Error(`${person} has no password`)
      return { user, project: people[person]?.[0] ?? 'admin' }
    }
    const { token } = tokens(keystone, login)
    const close = async (): Promise<void> => {
      await keystone.stop()
      await fake.close()
    }
    return { keystone, fake, token, names, login, close }
  } catch (error) {
    await keystone.stop()
    await fake.close()
    throw error
  }
}

const idOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : ''

function tokens(keystone: Keystone, login: (person: Person) => { readonly user: User; readonly project: string }) {
  const { identity } = keystone
  const known = new Map<Person, Promise<string | undefined>>()
  const token = async (person: Person): Promise<string | undefined> => {
    const made = known.get(person) ?? make(person)
    known.set(person, made)
    return await made
  }
  const make = async (person: Person): Promise<string | undefined> => {
    if (person === 'nobody') return undefined
    if (person === 'liar') return 'gAAAAABnotatokenofthisworld'
    if (person === 'unscoped') return await identity.tokenOf(login('member').user)
    if (person === 'system') return await identity.tokenOf(login('admin').user, 'system')
    if (person === 'application' || person === 'trustee') return await borrowed(person)
    const { user, project } = login(person)
    return await identity.tokenOf(user, project)
  }
  const borrowed = async (person: 'application' | 'trustee'): Promise<string> => {
    const owner = (await token('member')) ?? ''
    if (person === 'application')
      return await identity.applicationCredentialToken(await identity.createApplicationCredential(owner))
    const trustee = await identity.createUser('trustee')
    return await identity.trustToken(trustee, await identity.createTrust(owner, trustee.id, ['member']))
  }
  return { token }
}

/** What can be named in a template or a cluster; of `twin` there are two of each. */
function furnish({ state }: FakeOpenStack): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const image = (number: number, name: string, more: Readonly<Record<string, string>>): void => {
    const id = uuid(number)
    state.images.set(id, { id, name, status: 'active', os_hidden: false, visibility: 'public', ...more })
    names.set(`image:${name}`, id)
  }
  image(1, 'coreos', { os_distro: 'fedora-coreos', kube_version: 'v1.35.0' })
  image(2, 'plain', {})
  image(3, 'windows', { os_distro: 'windows' })
  image(4, 'twin', { os_distro: 'fedora-coreos' })
  image(5, 'twin', { os_distro: 'fedora-coreos' })
  image(6, 'croque', { os_distro: 'croque', kube_version: 'v1.35.0' })
  const flavor = (id: string, name: string, disk: number): void =>
    void state.flavors.set(id, { id, name, disk, ram: 4096, vcpus: 2, 'os-flavor-access:is_public': true })
  flavor('1', 'm1.small', 20)
  flavor('2', 'm1.medium', 40)
  flavor('3', 'm1.zero', 0)
  state.keypairs.set('key', { name: 'key', fingerprint: '00:00', public_key: 'ssh-ed25519 AAAA' })
  const network = (number: number, name: string, external: boolean): void => {
    const id = uuid(number)
    const owner = { project_id: 'operator', tenant_id: 'operator' }
    state.networks.set(id, { id, name, ...owner, 'router:external': external, shared: false, subnets: [] })
    names.set(`network:${name}`, id)
  }
  network(11, 'public', true)
  network(12, 'private', false)
  network(13, 'twin', false)
  network(14, 'twin', false)
  const subnet = uuid(21)
  state.subnets.set(subnet, {
    id: subnet,
    name: 'private-subnet',
    network_id: uuid(12),
    cidr: '10.10.0.0/24',
    ip_version: 4,
  })
  names.set('subnet:private-subnet', subnet)
  return names
}
