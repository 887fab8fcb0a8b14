/** Bad luck on this machine: croque killed at every step, its parts killed under it, the power cut. Each time the next `up` converges, and nothing is there twice. */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { StampedEvent } from '../../src/engine/index.ts'
import { random } from '../random.ts'
import { croque, failures, type Installation, type Ran, resultOf } from './installation.ts'
import { patience } from './patience.ts'
import { end, processes } from './processes.ts'
import { underRequests } from './stream.ts'

/** Main processes of the node containers: with them goes everything inside. */
function nodeProcesses({ stateDir }: Installation): readonly number[] {
  const list = spawnSync('runc', ['--root', join(stateDir, 'runc'), 'list', '--format=json'], {
    encoding: 'utf8',
  })
  return ((JSON.parse(list.stdout) ?? []) as { pid: number }[]).map(({ pid }) => pid)
}

/** What a run says of what went wrong. */
const failed = (events: readonly StampedEvent[]): string =>
  JSON.stringify(
    events.filter((event) => event.type === 'error' || (event.type === 'unit' && event.state === 'failed')),
  )

const up = (cloud: Installation): Ran => cloud.withFile('up', '--output', 'json')

/** Lists of the APIs: a kind of thing, the service that has it, and where. */
const lists = [
  ['server', 'compute', '/servers?all_tenants=1'],
  ['flavor', 'compute', '/flavors'],
  ['image', 'image', '/v2/images'],
  ['network', 'network', '/v2.0/networks'],
  ['subnet', 'network', '/v2.0/subnets'],
  ['router', 'network', '/v2.0/routers'],
  ['keypair', 'compute', '/os-keypairs'],
  ['user', 'identity', '/users'],
  ['service', 'identity', '/services'],
] as const

/** Everything that the first content and the verification make, by kind; each name must be there once. */
async function content(cloud: Installation): Promise<Readonly<Record<string, readonly string[]>>> {
  const api = cloud.api()
  const names = await Promise.all(
    lists.map(async ([kind, service, path]) => {
      const { body } = await api.request(service, 'GET', path)
      const all = (body as Record<string, ({ name: string } | { keypair: { name: string } })[]>)[`${kind}s`] ?? []
      return [kind, all.map((each) => ('keypair' in each ? each.keypair.name : each.name)).sort()] as const
    }),
  )
  api.close()
  return Object.fromEntries(names)
}

const expected = {
  server: ['croque-verify'],
  flavor: ['m1.nano', 'm1.small', 'm1.tiny'],
  network: ['private', 'public'],
  subnet: ['private', 'public'],
  router: ['router1'],
  keypair: ['croque'],
  user: [
    'admin',
    'cinder',
    'glance',
    'heat',
    'heat_domain_admin',
    'magnum',
    'magnum_domain_admin',
    'neutron',
    'nova',
    'placement',
  ],
  service: ['cinder', 'cinderv3', 'glance', 'heat', 'heat-cfn', 'keystone', 'magnum', 'neutron', 'nova', 'placement'],
}

/** A port that somebody else has is told before anything is touched. */
export async function tryTakenPort(cloud: Installation, port: number): Promise<void> {
  const before = cloud.machine()
  const server = createServer().listen(port, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const refused = up(cloud)
  await new Promise((done) => server.close(done))
  expect(refused.code).toBe(1)
  expect(refused.stdout).toContain(`port ${port}`)
  expect(refused.stdout).toContain('preflight-failed')
  expect(cloud.machine()).toEqual(before)
}

/** `up` is killed in the first second of its steps, and started again each time, until it ends well. */
export async function tryKilledUp(cloud: Installation, seed: number): Promise<void> {
  const next = random(seed)
  const killedAt = new Set<string>()
  // The steps of the underlay are few and each one counts; of the many parts of the cloud a seeded fifth.
  const doomed = (unit: string): boolean =>
    !killedAt.has(unit) && (unit.startsWith('underlay/') || unit.startsWith('images/') || next() < 0.2)
  const spared = new Set<string>()
  let events: StampedEvent[] = []
  for (let run = 0; run < 80; run += 1) {
    events = []
    const { ended } = cloud.startUp((event, { process: child }) => {
      events.push(event)
      if (event.type !== 'unit' || event.state !== 'running' || spared.has(event.unit) || child.killed) return
      if (!doomed(event.unit)) return void spared.add(event.unit)
      killedAt.add(event.unit)
      setTimeout(() => child.kill('SIGKILL'), next() * 1000)
    })
    const exit = await ended
    if (exit === 0) break
    expect(exit, failed(events)).toBeUndefined()
  }
  process.stdout.write(`killed at ${killedAt.size} steps: ${[...killedAt].join(', ')}\n`)
  expect(killedAt.size).toBeGreaterThan(8)
  const last = up(cloud)
  expect(resultOf(last).ok, failures(last)).toBe(true)
  expect(cloud.planned()).toEqual([])
  expect(await content(cloud)).toMatchObject(expected)
}

/** The Pod of a running task is deleted, the API server and the database are killed in the middle: one `up` goes through. */
export async function tryFaultsDuringUp(cloud: Installation): Promise<void> {
  const done = new Set<string>()
  const once = (name: string, work: () => void): void => {
    if (done.has(name)) return
    done.add(name)
    work()
  }
  // A changed schema task runs again, and everything that needs it waits.
  cloud.write(
    '  services:\n    nova:\n      config:\n        nova.conf: {database: {max_retries: 20}, api_database: {max_retries: 20}}\n',
  )
  const events: StampedEvent[] = []
  const { ended } = cloud.startUp((event) => {
    events.push(event)
    if (event.type !== 'unit') return
    if (event.unit === 'nova/db-sync' && event.state === 'waiting' && event.reason.includes('running'))
      once('task', () =>
        cloud.kubectl('-n', 'openstack', 'delete', 'pod', '-l', 'croque.dev/component=nova.db-sync', '--wait=false'),
      )
    if (event.unit === 'nova/db-sync' && event.state === 'waiting' && done.has('task'))
      once('api', () => end(processes(cloud, /^kube-apiserver /)))
    if (event.unit === 'nova/conductor' && event.state === 'waiting')
      once('database', () => end(processes(cloud, /mariadbd /)))
  })
  expect(await ended, failed(events)).toBe(0)
  expect([...done].toSorted()).toEqual(['api', 'database', 'task'])
  await expect.poll(() => cloud.planned(), patience).toEqual([])
}

/** The database, the message queue and the network databases are killed one after the other under a stream of requests. */
export async function tryFaultsUnderRequests(cloud: Installation): Promise<void> {
  const killed = [/mariadbd /, /beam\.smp /, /ovsdb-server .*ovnnb/, /ovsdb-server .*ovnsb/]
  await underRequests(cloud, async () => {
    for (const program of killed) {
      await pause(8000)
      const pids = processes(cloud, program)
      expect(pids, String(program)).not.toHaveLength(0)
      end(pids)
      await expect.poll(() => processes(cloud, program), patience).not.toEqual([])
    }
    await pause(15_000)
  })
  await expect.poll(() => cloud.planned(), patience).toEqual([])
  expect(await content(cloud)).toMatchObject(expected)
  tryVerify(cloud)
}

/** After a power cut the same cloud comes back with its guest. */
export async function tryPowerCut(cloud: Installation): Promise<void> {
  const { id } = cloud.openstack('server', 'show', 'croque-verify') as { id: string }
  end(nodeProcesses(cloud))
  await expect.poll(() => cloud.withFile('status').code, patience).toBe(1)
  const again = up(cloud)
  expect(resultOf(again).ok, failures(again)).toBe(true)
  expect(await content(cloud)).toMatchObject(expected)
  tryVerify(cloud)
  const after = cloud.openstack('server', 'show', 'croque-verify') as { id: string; status: string }
  expect(after).toMatchObject({ id, status: 'ACTIVE' })
  expect(processes(cloud, /guest=instance-/)).toHaveLength(1)
}

/** A new server is made, answers and is removed. */
export function tryVerify(cloud: Installation): void {
  const { code, stdout, stderr } = cloud.withFile('verify')
  expect(code, `${stdout.slice(-4000)}\n${stderr.slice(-2000)}`).toBe(0)
}

/** `down` works on what a killed one left. */
export function tryKilledDown(cloud: Installation): void {
  const half = spawnSync(croque, ['down', '--file', cloud.document, '--yes'], { timeout: 1200, killSignal: 'SIGKILL' })
  expect(half.signal).toBe('SIGKILL')
  const down = cloud.withFile('down', '--yes')
  expect(down.code, down.stdout + down.stderr).toBe(0)
}
