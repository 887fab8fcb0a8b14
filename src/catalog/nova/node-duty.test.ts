import { expect, test } from 'vitest'
import { startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connect } from '../../openstack/index.ts'
import { containerDuty, nodeDuty } from './node-duty.ts'

/** A node with a running server, one that is off, and one that runs elsewhere. */
async function withNode(
  work: (input: {
    readonly fake: Awaited<ReturnType<typeof startFakeOpenStack>>
    readonly drain: (duty?: typeof nodeDuty) => Promise<readonly string[]>
    readonly resume: () => Promise<readonly string[]>
    readonly hosts: () => readonly unknown[]
  }) => Promise<void>,
): Promise<void> {
  const fake = await startFakeOpenStack()
  const signal = new AbortController().signal
  const login = { authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' }
  const cloud = connect({ ...login, signal, retryMs: 3000 })
  for (const [id, status, host] of [
    ['runs', 'ACTIVE', 'node1'],
    ['off', 'SHUTOFF', 'node1'],
    ['elsewhere', 'ACTIVE', 'node2'],
  ] as const) {
    const place = { 'OS-EXT-STS:task_state': null, 'OS-EXT-SRV-ATTR:host': host }
    const rest = { image: { id: 'i' }, flavor: { original_name: 'f' }, metadata: {} }
    fake.state.servers.set(id, { id, name: id, status, ...place, ...rest })
  }
  const context = { cloud, signal, say: () => undefined }
  const hosts = () => [...fake.state.servers.values()].map((server) => server['OS-EXT-SRV-ATTR:host'])
  try {
    await work({
      fake,
      hosts,
      drain: async (duty = nodeDuty) => await duty.drain('node1', context),
      resume: async () => await nodeDuty.resume('node1', context),
    })
  } finally {
    cloud.close()
    await fake.close()
  }
}

test('running servers move, what is off is told, nothing new begins there; and back', async () => {
  await withNode(async ({ fake, drain, resume, hosts }) => {
    fake.behaviour.nextNode = 'node2'
    expect(await drain()).toEqual(['the server off (off): it is SHUTOFF'])
    expect(hosts()).toEqual(['node2', 'node1', 'node2'])
    const service = () => fake.state.computeServices.get('service-1')?.['status']
    expect(service()).toBe('disabled')
    const writes = fake.writes().length
    await drain()
    expect(fake.writes()).toHaveLength(writes)
    expect(await resume()).toEqual([])
    expect(service()).toBe('enabled')
  })
})

test('a migration that fails is told, and a reason of somebody else is left alone', async () => {
  await withNode(async ({ fake, drain, resume, hosts }) => {
    Object.assign(fake.state.computeServices.get('service-1') ?? {}, { status: 'disabled', disabled_reason: 'smoke' })
    expect(await drain()).toContain('the server runs (runs): its migration failed, and it runs on here')
    expect(hosts()).toEqual(['node1', 'node1', 'node2'])
    expect(await resume()).toEqual(['its compute service was disabled by somebody else: smoke'])
  })
})

test('container guests stay where they are, and nothing new begins there', async () => {
  await withNode(async ({ fake, drain, hosts }) => {
    const stays = await drain(containerDuty)
    expect(stays.map((one) => one.split(':')[0])).toEqual(['the server runs (runs)', 'the server off (off)'])
    expect(hosts()).toEqual(['node1', 'node1', 'node2'])
    expect(fake.state.computeServices.get('service-1')?.['status']).toBe('disabled')
  })
})
