/** The whole thing on this machine: two nodes, in its own state directory and under its own name, beside whatever a user has running. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  tryFaultsDuringUp,
  tryFaultsUnderRequests,
  tryKilledDown,
  tryKilledUp,
  tryPowerCut,
  tryTakenPort,
  tryVerify,
} from './faults.ts'
import { watchGuest } from './guests.ts'
import { tryHorizon } from './horizon.ts'
import { failures, floatingIp, installation, resultOf } from './installation.ts'
import { patience } from './patience.ts'
import { trySignals } from './stacks.ts'
import { tryStorage } from './storage.ts'
import { tryTempest } from './tempest.ts'
import { tryVolumes } from './volumes.ts'

const cloud = installation('e2e', { api: 16543, public: 18443, nodes: 2 })
const { kubectl, withFile } = cloud
const seed = Number(process.env['CROQUE_TEST_SEED'] ?? Date.now() % 1_000_000)
/** Clusters that are pretended: what makes real ones is tried where there are nodes for them. */
const services = `  services:
    magnum: {config: {magnum.yaml: {drivers: {enabled: ['null'], imaginary: true}}}}
`
cloud.write(services)

/** Process ids of the guests of a node, as the node sees them (the libvirt Pod shares the node's process namespace). */
const guests = (node: string): string =>
  kubectl(
    '-n',
    'openstack',
    'exec',
    podOn('nova.libvirt', node),
    '-c',
    'libvirt',
    '--',
    'pgrep',
    '-f',
    'guest=instance-',
  ).stdout.trim()

const podOn = (component: string, node: string): string =>
  kubectl(
    ...['-n', 'openstack', 'get', 'pod', '-l', `croque.dev/component=${component}`],
    ...['--field-selector', `spec.nodeName=${node}`, '-o', 'name'],
  ).stdout.trim()

interface Server {
  readonly id: string
  readonly status: string
  readonly 'OS-EXT-SRV-ATTR:host': string
  readonly addresses: Readonly<Record<string, readonly string[]>>
}

// Nothing here moves the server or its address, and to ask takes the client two seconds.
let shown: Server | undefined
const server = (): Server => {
  shown ??= cloud.openstack('server', 'show', 'croque-verify') as Server
  return shown
}
let address = ''
const guestIp = (): string => {
  address ||= floatingIp(cloud, 'croque-verify')
  return address
}

/** What the verification server's guest says of fetching each of these URLs, all at once; tried again for a guest that has yet to boot. */
function askGuest(urls: readonly string[], tries = 1): readonly string[] {
  const script = `import http.client, json, sys
from concurrent.futures import ThreadPoolExecutor
def ask(url):
    connection = http.client.HTTPConnection(sys.argv[1], 80, timeout=30)
    connection.request('GET', '/cgi-bin/fetch?' + url)
    return connection.getresponse().read().decode()
with ThreadPoolExecutor(8) as pool:
    print(json.dumps(list(pool.map(ask, sys.argv[2:]))))`
  const place = ['-n', 'openstack', 'exec', 'daemonset/ovn-gateway', '-c', 'gateway', '--']
  const said = JSON.parse(kubectl(...place, 'python3', '-c', script, guestIp(), ...urls).stdout) as string[]
  return said.some((answer) => answer.includes('bytes ')) || tries <= 1 ? said : askGuest(urls, tries - 1)
}

let before: Readonly<Record<string, string>>

beforeAll(() => {
  before = cloud.machine()
})

afterAll(() => cloud.remove())

describe('a cloud of two nodes on this machine', () => {
  test('a wrong document is refused with its places, and nothing is touched', () => {
    const wrong = `${cloud.document}.wrong`
    writeFileSync(
      wrong,
      'apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n  endpoints: {prt: 1}\n  underlay: {type: embeded}\n',
    )
    const { code, stdout, stderr } = cloud.run('up', '--file', wrong)
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/wrong:4:\d+/)
    expect(stdout + stderr).toMatch(/wrong:5:\d+/)
    expect(stdout + stderr).toContain('embedded')
    expect(cloud.machine()).toEqual(before)
  })

  test('a port that somebody else has is told before anything is touched', () => tryTakenPort(cloud, 16543))

  test(`up is killed at every step (seed ${seed}) and ends well all the same`, () => tryKilledUp(cloud, seed))

  test('the clients work', () => {
    expect(kubectl('get', 'pods', '-A', '-o', 'name').stdout).toContain('nova-compute')
    const list = cloud.openstack('server', 'list') as readonly { Name: string; Status: string }[]
    expect(list.map(({ Name, Status }) => [Name, Status])).toEqual([['croque-verify', 'ACTIVE']])
    expect(guestIp()).toMatch(/^172\.24\.4\.\d+$/)
    const hosts = cloud.openstack('compute', 'service', 'list', '--service', 'nova-compute') as readonly {
      State: string
    }[]
    expect(hosts.map(({ State }) => State)).toEqual(['up', 'up'])
  })

  test('the clusters API serves the client as it is, and says what no driver makes', () => {
    expect(cloud.openstack('coe', 'service', 'list')).toMatchObject([{ binary: 'magnum-conductor', state: 'up' }])
    const image = ['--disk-format', 'raw', '--container-format', 'bare', '--property', 'os_distro=windows', 'nodes']
    expect(cloud.run('openstack', 'image', 'create', ...image).code).toBe(0)
    const asked = ['--coe', 'kubernetes', '--image', 'nodes', '--external-network', 'public', '--flavor', 'm1.small']
    const refused = cloud.run('openstack', 'coe', 'cluster', 'template', 'create', ...asked, 'kubernetes')
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('Cluster type (vm, windows, kubernetes) not supported')
    expect(cloud.openstack('coe', 'cluster', 'template', 'list')).toEqual([])
    expect(cloud.run('openstack', 'image', 'delete', 'nodes').code).toBe(0)
  })

  test('the plan is empty, and a second up writes nothing', () => {
    expect(cloud.planned()).toEqual([])
    const { ok, changes } = resultOf(withFile('up', '--output', 'json'))
    expect(ok).toBe(true)
    expect(changes).toMatchObject({ created: 0, configured: 0, replaced: 0, deleted: 0 })
  })

  test('the public name leads Pods to the gateway', async () => {
    const place = ['-n', 'openstack', 'exec', 'deployment/toolbox-client', '-c', 'client', '--']
    const lookUp = (): string => kubectl(...place, 'getent', 'hosts', `${cloud.name}.croque.local`).stdout
    // The kubelet brings a changed ConfigMap into a running Pod within a minute or so.
    await expect.poll(lookUp, patience).toContain('172.24.4.1')
  })

  test('a guest reaches nothing of its nodes but the public APIs and their name', () => {
    const network = kubectl(
      '-n',
      'openstack',
      'get',
      'pod',
      'mariadb-server-0',
      '-o',
      'jsonpath={.status.podIP}',
    ).stdout
    const [reached, unknown, ...refused] = askGuest([
      `https://${cloud.name}.croque.local:18443/`,
      'http://kubernetes.default.svc.cluster.local/',
      `http://${network}:3306/`,
      'http://172.24.4.1:10250/',
      'http://10.111.0.2:6443/',
      'http://10.113.0.10:9153/metrics',
    ])
    expect(reached).toContain('bytes ')
    expect(unknown).toContain('bad address')
    for (const answer of refused) expect(answer).toContain('timed out')
  })

  test('guests of both nodes reach one another through the tunnel', () => {
    const here = server()['OS-EXT-SRV-ATTR:host']
    const there = here === `${cloud.name}-1` ? `${cloud.name}-2` : `${cloud.name}-1`
    const flags = [
      '--image',
      'tiny',
      '--flavor',
      'm1.nano',
      '--network',
      'private',
      '--availability-zone',
      `nova:${there}`,
    ]
    const other = cloud.openstack('server', 'create', ...flags, '--wait', 'other') as Server
    const [address = ''] = Object.values(other.addresses).flat()
    expect(other).toMatchObject({ status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': there })
    expect(askGuest([`http://${address}/`], 5)[0]).toContain('bytes ')
    cloud.run('openstack', 'server', 'delete', '--wait', 'other')
  })

  test('a server of a stack signals from inside, and so does a signed address', () => trySignals(cloud))
  test('volumes are made, attached to a running guest, copied and removed', () => tryVolumes(cloud))
  test('the dashboard in a browser: a server, its volume and its console, and a cluster', async () => {
    expect(await tryHorizon(cloud)).toEqual([])
  })
  test("OpenStack's own tests find no fault", () => tryTempest(cloud))
  test('a volume grows in a running guest, and outlives an OSD that is killed during a write', () => tryStorage(cloud))

  test('a change of the document is planned, applied while a second up is told to wait, and gone when taken back', async () => {
    cloud.write(
      `${services}    placement:\n      config:\n        placement.conf: {placement: {randomize_allocation_candidates: true}}\n`,
    )
    const plan = withFile('plan', '--output', 'json')
    expect(plan.code).toBe(2)
    expect(plan.stdout).toContain('placement-api')
    let second: ReturnType<typeof withFile> | undefined
    // The first one stands still meanwhile: on a slow machine it would be past the underlay before the second one looks.
    const changing = cloud.startUp((event, { process: child }) => {
      if (second !== undefined || event.type !== 'unit' || !event.unit.startsWith('underlay/')) return
      child.kill('SIGSTOP')
      second = withFile('up', '--output', 'json')
      child.kill('SIGCONT')
    })
    expect(await changing.ended).toBe(0)
    expect(second?.code).toBe(1)
    expect(second?.stdout).toContain('already-running')
    // What was deleted may take a moment to be gone.
    await expect.poll(() => cloud.planned(), patience).toEqual([])
    cloud.write(services)
    // Without the verification, of which there is one below.
    const again = withFile('up', '--skip-verify', '--output', 'json')
    expect(resultOf(again).ok, failures(again)).toBe(true)
  })

  test.each([
    'nova.compute',
    'nova.libvirt',
    'ovn.vswitchd',
    'ovn.ovsdb',
    'ovn.gateway',
    'ovn.controller',
    'neutron.agent',
  ])('a guest outlives the Pod of %s', async (agent) => {
    const node = server()['OS-EXT-SRV-ATTR:host']
    const guest = guests(node)
    expect(guest).toMatch(/^\d+/)
    const on = agent === 'ovn.gateway' ? `${cloud.name}-1` : agent === 'ovn.controller' ? `${cloud.name}-2` : node
    const pod = podOn(agent, on)
    const watched = watchGuest(join(cloud.stateDir, 'netns', `${cloud.name}-1`), guestIp())
    expect(kubectl('-n', 'openstack', 'delete', pod).code).toBe(0)
    await expect.poll(() => ready(podOn(agent, on)), patience).toBe('True')
    const { gap, answers } = await watched.stop()
    process.stdout.write(`${agent}: the guest was silent for ${(gap / 1000).toFixed(1)} s at most\n`)
    expect(answers).toBeGreaterThan(0)
    expect(guests(node)).toBe(guest)
  })

  test('everything still works: a new server is made, answers and is removed', () => tryVerify(cloud))
  test('the Pod of a running task, the API server and the database go in the middle: one up goes through', () =>
    tryFaultsDuringUp(cloud))
  test('the database, the message queue and the network databases are killed under a stream of requests', () =>
    tryFaultsUnderRequests(cloud))
  test('after a power cut the same cloud comes back with its guest', () => tryPowerCut(cloud))

  test('down asks when a server of the user would be lost', () => {
    const flags = ['--image', 'tiny', '--flavor', 'm1.nano', '--nic', 'none']
    cloud.openstack('server', 'create', ...flags, 'mine')
    const down = withFile('down', '--output', 'json')
    expect(down.code).toBe(1)
    expect(down.stdout).toContain('servers-left')
    expect(down.stdout).toContain('mine')
    expect(kubectl('get', 'nodes').code).toBe(0)
  })

  test('down works on what a killed down left, and leaves the machine as it was', () => {
    tryKilledDown(cloud)
    expect(cloud.machine()).toEqual(before)
  })
})

const ready = (pod: string): string =>
  kubectl('-n', 'openstack', 'get', pod, '-o', `jsonpath={.status.conditions[?(@.type=="Ready")].status}`).stdout.trim()
