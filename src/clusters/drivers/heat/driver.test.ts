import { expect, test } from 'vitest'
import { type SimulatedClock, simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../model/fixture.ts'
import type { Cluster, ClusterSpec, NodeGroup, NodeGroupSpec } from '../../model/index.ts'
import { nodeKey } from '../../nodes/index.ts'
import type { Progress, Wish } from '../driver.ts'
import { checkDriver, type MakeSubject } from '../testing/index.ts'
import { CloudRefusal } from './cloud.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud, type Weather } from './fixture.ts'
import { groupStackName, stackName } from './names.ts'
import { rostersIn } from './rosters.ts'
import type { HeatDriverOptions } from './scene.ts'
import type { StackBody } from './template.ts'

const optionsOn = (cloud: PretendedCloud, weather: Weather) =>
  ({
    cloudOf: (cluster, signal) => cloud.of(cluster, signal, weather),
    ledger: cloud.ledger,
    rosters: rostersIn(cloud.secrets),
    desk: { url: 'https://cloud.test/nodes/v1' },
    defaults: { bootVolumeSize: 0 },
    kubernetesVersion: async () => 'v1.35.4',
    health: async () => ({ status: 'HEALTHY', reason: {} }),
  }) satisfies HeatDriverOptions

const driverOn = (cloud: PretendedCloud, weather: Weather) => createHeatDriver(optionsOn(cloud, weather))

const subject: MakeSubject = (clock: SimulatedClock) => {
  const cloud = new PretendedCloud(clock)
  /** In which stack a group is. */
  const stacks = new Map<string, string>()
  /** Of masters: the template that they were made by, and that wished last. */
  const made = new Map<string, string>()
  const wished = new Map<string, string>()
  /** Wishes of the kit know no network, and that masters stay what they are. */
  const grounded = (wish: Wish): Wish => {
    for (const { uuid, spec } of wish.nodeGroups) {
      const name = spec.isDefault ? stackName(wish.cluster) : groupStackName(wish.cluster, { uuid, spec })
      stacks.set(uuid, `${wish.cluster.uuid}/${name}`)
      if (spec.role !== 'master') continue
      made.set(uuid, made.get(uuid) ?? spec.templateId)
      wished.set(uuid, spec.templateId)
    }
    const nodeGroups = wish.nodeGroups.map((group) => {
      const templateId = made.get(group.uuid) ?? group.spec.templateId
      return { ...group, spec: { ...group.spec, templateId } }
    })
    const { spec } = wish.cluster
    const template = { ...spec.template, externalNetworkId: 'public' }
    return { ...wish, nodeGroups, cluster: { ...wish.cluster, spec: { ...spec, template } } }
  }
  return {
    driver: (hazard) => {
      const driver = driverOn(cloud, hazard)
      const reconcile = async (wish: Wish): Promise<Progress> => await driver.reconcile(grounded(wish))
      return { ...driver, covers: everything, reconcile }
    },
    look: async (id) => {
      const seen = cloud.look(id)
      if (seen === undefined) return undefined
      const { roster } = await rostersIn(cloud.secrets).read({ uuid: id } as Cluster)
      const there = [...stacks].filter(([, stack]) => seen.stacks.includes(stack)).map(([group]) => group)
      const groups = there.map((group) => {
        const keys = seen.servers.filter((key) => key.startsWith(`${group}/`))
        const nodes = roster.nodes.filter((node) => keys.includes(nodeKey(node)))
        return [
          group,
          {
            nodes: keys.length,
            templates: [...new Set(nodes.map(({ templateId }) => wished.get(group) ?? templateId))],
          },
        ] as const
      })
      return Object.fromEntries(groups)
    },
    hopeless: () => new CloudRefusal('No valid host was found'),
  }
}

const everything = [{ coe: 'kubernetes', distro: 'debian', serverType: 'vm' as const }]

test('whatever is wished and whatever fails: it ends where the last wish says', async () => {
  await expect(checkDriver(subject, { runs: 150 })).resolves.toBeUndefined()
}, 180_000)

const signal = new AbortController().signal

function sceneOf(changes: Partial<ClusterSpec> = {}) {
  const clock = simulatedClock()
  const cloud = new PretendedCloud(clock)
  const template = { ...templateSpecFixture(), externalNetworkId: 'public' }
  const cluster = {
    uuid: '00000000-0000-4000-8000-000000000001',
    resourceVersion: '1',
    uid: 'uid',
    spec: clusterSpecFixture({ template, ...changes }),
    status: {},
  }
  const groupOf = (name: string, changes: Partial<NodeGroupSpec>): NodeGroup => ({
    uuid: `00000000-0000-4000-8000-0000000000${name === 'default-master' ? '0a' : '0b'}`,
    resourceVersion: '1',
    uid: 'uid',
    spec: nodeGroupSpecFixture({ name, ...changes }),
    status: {},
  })
  const driver = driverOn(cloud, async () => undefined)
  const settle = async (workers: Partial<NodeGroupSpec>, changes: Partial<NodeGroupSpec> = {}): Promise<Progress> => {
    const masters = groupOf('default-master', { role: 'master', ...changes })
    for (let calls = 0; calls < 100; calls += 1) {
      const progress = await driver.reconcile({
        cluster,
        nodeGroups: [masters, groupOf('default-worker', workers)],
        signal,
      })
      if (progress.state !== 'waiting') return progress
      await clock.advance(progress.afterMs)
    }
    throw new Error('it waits for ever')
  }
  return { cluster, cloud, driver, settle }
}

test('what would replace the master, and with it all that the cluster knows, is refused before anything is touched', async () => {
  const { settle, cluster, cloud } = sceneOf()
  await settle({})
  const before = cloud.look(cluster.uuid)
  for (const changes of [{ templateId: 'newer' }, { nodesToRemove: ['0'] }])
    expect(await settle({}, changes)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('master-0 would be replaced') as string,
    })
  expect(cloud.look(cluster.uuid)).toEqual(before)
  expect(await settle({})).toMatchObject({ state: 'done' })
})

test('whoever has the key logs in, and nodes trust whom the operator trusts: both come with the node', async () => {
  const { cluster, cloud } = sceneOf({ publicKey: 'ssh-ed25519 AAAA mine\n' })
  const made: StackBody[] = []
  const driver = createHeatDriver({
    ...optionsOn(cloud, async () => undefined),
    trusted: 'PEM',
    cloudOf: (owner, given) => ({
      ...cloud.of(owner, given, async () => undefined),
      create: async (_name, body) => void made.push(body),
    }),
  })
  const group = { uuid: 'a', resourceVersion: '1', uid: 'uid', status: {} }
  await driver.reconcile({
    cluster,
    nodeGroups: [{ ...group, spec: nodeGroupSpecFixture({ role: 'master' }) }],
    signal,
  })
  const [text = ''] = Object.values(made[0]?.parameters['kube_masters_user_data'] ?? {})
  expect(text.split('\n')[0]).toBe('#cloud-config')
  expect(JSON.parse(text.slice(text.indexOf('\n')))).toMatchObject({
    ssh_authorized_keys: ['ssh-ed25519 AAAA mine'],
    ca_certs: { trusted: ['PEM'] },
    write_files: [{ path: '/etc/croque/node.json', permissions: '0600' }],
  })
  expect(JSON.stringify(made[0]?.template)).toContain('"port_range_min":22')
})

test('a cluster of two nodes comes up, grows, loses the node that was named and goes without a trace', async () => {
  const { settle } = sceneOf()
  expect(await settle({ nodeCount: 1 })).toMatchObject({
    state: 'done',
    facts: { apiAddress: expect.stringMatching(/^https:/) as string },
  })
  const grown = await settle({ nodeCount: 3 })
  expect(grown.facts.nodeGroups?.['00000000-0000-4000-8000-00000000000b']?.nodeAddresses).toHaveLength(3)
})
