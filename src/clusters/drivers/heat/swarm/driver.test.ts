/** The driver makes a swarm, on a pretended cloud whose nodes do what they are told. */
import { expect, test } from 'vitest'
import { templateSpecFixture } from '../../../model/fixture.ts'
import type { ClusterSpec } from '../../../model/index.ts'
import { nodeKey } from '../../../nodes/index.ts'
import { sceneOf } from '../driver-fixture.ts'

const template = templateSpecFixture({ coe: 'swarm-mode', networkDriver: 'docker', externalNetworkId: 'public' })
const swarmOf = (changes: Partial<ClusterSpec> = {}) => sceneOf({ template, ...changes })

test('workers come when there is a manager to join, and nothing of it calls the cloud', async () => {
  const { cluster, cloud, settle, calls, told } = swarmOf()
  expect(await settle({ nodeCount: 2 })).toMatchObject({
    state: 'done',
    facts: { apiAddress: expect.stringMatching(/^tcp:\/\/.*:2376$/), coeVersion: expect.any(String) },
  })
  const nodes = Object.values((await cloud.ledger.read(cluster.uuid))?.nodes ?? {}).map(({ orders }) => orders)
  expect(nodes.map(({ role, founds, secrets }) => [role, founds, secrets])).toEqual([
    ['master', true, {}],
    ['worker', false, { 'swarm-worker': '1' }],
    ['worker', false, { 'swarm-worker': '1' }],
  ])
  expect(calls.filter((call) => /credential/.test(call))).toEqual([])
  expect(told.join()).toMatch(/master-0.*node-0: its turn/)
})

test('a worker is drained before it goes, and taken out of the swarm', async () => {
  const { cluster, cloud, settle, calls } = swarmOf()
  await settle({ nodeCount: 2 })
  calls.length = 0
  await settle({ nodeCount: 1, nodesToRemove: ['0'] })
  const asked = calls.filter((call) => call.endsWith('before')).map((call) => call.replace(' before', ''))
  expect(asked.filter((call) => ['cordon', 'evict', 'stack update', 'node delete'].includes(call))).toEqual(
    expect.arrayContaining(['cordon', 'evict', 'stack update', 'node delete']),
  )
  expect(asked.indexOf('evict')).toBeLessThan(asked.indexOf('stack update'))
  expect(cloud.inside.keys(cluster.uuid).map((key) => key.slice(-1))).toEqual(['0', '1'])
  expect(cloud.wrongs).toEqual([])
})

test('managers come and go one by one; only they are told to forget who goes', async () => {
  const { cluster, cloud, settle, members } = swarmOf()
  const acts = new Map<string, readonly string[]>()
  const look = async (): Promise<void> => {
    for (const [key, { orders }] of Object.entries((await cloud.ledger.read(cluster.uuid))?.nodes ?? {}))
      if (orders.later.length > 0) acts.set(`${orders.role} ${key.slice(-1)}`, orders.later.at(-1) ?? [])
  }
  const looks: Promise<void>[] = []
  await settle({ nodeCount: 1 }, { nodeCount: 3 })
  expect(members()).toEqual(['0a/0', '0a/1', '0a/2'])
  await settle({ nodeCount: 1 }, { nodeCount: 1, nodesToRemove: ['0'] }, () => void looks.push(look()))
  await Promise.all(looks)
  expect(members()).toEqual(['0a/1'])
  expect([...acts.keys()].filter((who) => who.startsWith('worker'))).toEqual([])
  expect(acts.get('master 1')).toEqual(['/usr/lib/croque/control-plane', 'forget', expect.any(String)])
  expect(cloud.wrongs).toEqual([])
})

test('a node of a swarm that is missing is told of as such', async () => {
  const { cluster, cloud, driver, settle, wishOf } = swarmOf()
  await settle({ nodeCount: 1 })
  const [worker] = Object.entries((await cloud.ledger.read(cluster.uuid))?.nodes ?? {}).filter(
    ([, { orders }]) => orders.role === 'worker',
  )
  cloud.disturb(cluster.uuid, nodeKey({ group: worker?.[0].split('/')[0] ?? '', index: 0 }), { machine: 'gone' })
  const { status, dead } = await driver.health(wishOf({ nodeCount: 1 }))
  expect([status, dead?.map(({ node }) => node)]).toEqual(['UNHEALTHY', ['0']])
})
