/** Users who ask for things without a pause, while what they ask is killed under them. */
import { expect } from 'vitest'
import type { OpenStack } from '../../src/openstack/index.ts'
import type { Installation } from './installation.ts'
import { patience } from './patience.ts'

/** One kind of object: how a user asks for one by name, lists them and takes one away. */
interface Kind {
  readonly name: string
  readonly service: string
  readonly path: string
  readonly body: (name: string, of: Ingredients) => unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Its key in a list. */
  readonly key: string
  readonly listPath?: string
  /** Statuses in which it stays. Absent: it is there as soon as it is answered. */
  readonly settled?: readonly string[]
  /** What an administrator asks to be rid of one that never comes to rest; absent: it can be deleted as it is. */
  readonly force?: object
  /** Milliseconds between two requests. @default 200 */
  readonly pause?: number
}

/** Ids of what servers are made of. */
interface Ingredients {
  readonly flavor: string
  readonly image: string
}

interface Found {
  readonly id: string
  readonly name: string
  readonly status?: string
}

const kinds: readonly Kind[] = [
  {
    name: 'project',
    service: 'identity',
    path: '/projects',
    body: (name) => ({ project: { name } }),
    key: 'projects',
  },
  {
    name: 'network',
    service: 'network',
    path: '/v2.0/networks',
    body: (name) => ({ network: { name } }),
    key: 'networks',
  },
  {
    name: 'volume',
    service: 'block-storage',
    path: '/volumes',
    listPath: '/volumes/detail',
    body: (name) => ({ volume: { name, size: 1 } }),
    key: 'volumes',
    settled: ['available', 'error'],
    force: { 'os-force_delete': {} },
  },
  {
    name: 'server group',
    service: 'compute',
    path: '/os-server-groups',
    body: (name) => ({ server_group: { name, policies: ['anti-affinity'] } }),
    key: 'server_groups',
  },
  {
    name: 'server',
    service: 'compute',
    path: '/servers',
    listPath: '/servers/detail',
    body: (name, { flavor, image }) => ({ server: { name, flavorRef: flavor, imageRef: image, networks: 'none' } }),
    headers: { 'openstack-api-version': 'compute 2.37' },
    key: 'servers',
    settled: ['ACTIVE', 'ERROR'],
    // Guests are heavy where they are emulated.
    pause: 15_000,
  },
]

const listed = async (openstack: OpenStack, { service, path, listPath, key }: Kind): Promise<readonly Found[]> => {
  const { body } = await openstack.request(service, 'GET', listPath ?? path)
  return ((body as Record<string, Found[]>)[key] ?? []).filter(({ name }) => name.startsWith('stream-'))
}

/** One user after another of one kind, each asking once and never again: what was not answered may be there or not. */
async function ask(openstack: OpenStack, kind: Kind, of: Ingredients, goesOn: () => boolean): Promise<Asked> {
  const answered = new Map<string, string>()
  let refused = 0
  for (let count = 0; goesOn(); count += 1) {
    const name = `stream-${kind.name.replace(' ', '-')}-${count}`
    try {
      const { body } = await openstack.request(kind.service, 'POST', kind.path, {
        body: kind.body(name, of),
        ...(kind.headers === undefined ? {} : { headers: kind.headers }),
      })
      const [made] = Object.values(body as Record<string, Found>)
      if (made !== undefined) answered.set(name, made.id)
    } catch {
      refused += 1
    }
    await new Promise((done) => setTimeout(done, kind.pause ?? 200))
  }
  return { kind, answered, refused }
}

interface Asked {
  readonly kind: Kind
  /** Name -> id of what was acknowledged. */
  readonly answered: ReadonlyMap<string, string>
  readonly refused: number
}

/**
 * Waits until objects of the kind have come to rest; gives the ids of those that do not within two minutes. OpenStack itself can
 * lose a request between two of its programs, when the database is gone at the moment in which one of them has taken it up.
 */
async function atRest(openstack: OpenStack, kind: Kind): Promise<ReadonlySet<string>> {
  for (const end = Date.now() + 120_000; ; ) {
    const restless = (await listed(openstack, kind)).filter(
      ({ status }) => kind.settled !== undefined && !kind.settled.includes(status ?? ''),
    )
    if (restless.length === 0 || Date.now() > end) return new Set(restless.map(({ id }) => id))
    await new Promise((done) => setTimeout(done, 2000))
  }
}

/**
 * Runs `faults` while users ask for objects of every kind at once, through the public URL. Then everything that was acknowledged
 * is there once, all but few have come to rest, and nothing is there twice. Removes what was made. Prints how many requests were answered.
 */
export async function underRequests(cloud: Installation, faults: () => Promise<void>): Promise<void> {
  const quotas = ['volumes', 'gigabytes', 'server-groups', 'networks', 'instances', 'cores', 'ram']
  const limits = cloud.openstack('quota', 'show', 'admin') as readonly { Resource: string; Limit: number }[]
  const setQuotas = (limitOf: (quota: string) => number): void => {
    const given = quotas.flatMap((quota) => [`--${quota}`, String(limitOf(quota))])
    const set = cloud.run('openstack', 'quota', 'set', '--force', ...given, 'admin')
    expect(set.code, set.stderr).toBe(0)
  }
  setQuotas(() => -1)
  const { id: image } = cloud.openstack('image', 'show', 'tiny') as Found
  const { id: flavor } = cloud.openstack('flavor', 'show', 'm1.nano') as Found
  // A request stands for one that a user made: it is not made again.
  const users = cloud.api({ retryMs: 0 })
  let going = true
  const asking = Promise.all(kinds.map((kind) => ask(users, kind, { image, flavor }, () => going)))
  try {
    await faults()
  } finally {
    going = false
  }
  const openstack = cloud.api()
  const rested = (await asking).map(async (asked) => ({ ...asked, restless: await atRest(openstack, asked.kind) }))
  for (const { kind, answered, refused, restless } of await Promise.all(rested)) {
    process.stdout.write(`${kind.name}: ${answered.size} acknowledged, ${refused} refused\n`)
    expect(answered.size, kind.name).toBeGreaterThan(0)
    if (restless.size > 0) process.stdout.write(`${restless.size} of them never came to rest\n`)
    expect(restless.size, kind.name).toBeLessThanOrEqual(1 + answered.size / 4)
    const found = await listed(openstack, kind)
    expect(new Set(found.map(({ name }) => name)).size, `a ${kind.name} is there twice`).toBe(found.length)
    const ids = new Map(found.map(({ name, id }) => [name, id]))
    for (const [name, id] of answered) expect(ids.get(name), name).toBe(id)
    for (const { id } of found) {
      if (restless.has(id) && kind.force !== undefined)
        await openstack.request(kind.service, 'POST', `${kind.path}/${id}/action`, { body: kind.force })
      else await openstack.request(kind.service, 'DELETE', `${kind.path}/${id}`)
    }
    // They count in the quotas until they are gone.
    const left = async (): Promise<number> => (await listed(openstack, kind)).length
    await expect.poll(left, { ...patience, message: `${kind.name}s are left` }).toBe(0)
  }
  users.close()
  openstack.close()
  setQuotas((quota) => limits.find(({ Resource }) => Resource === quota)?.Limit ?? expect.unreachable(quota))
}
