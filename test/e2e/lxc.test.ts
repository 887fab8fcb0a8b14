/**
 * Container guests beside emulated ones, in one cloud: on a node of their own, chosen by the image, at native speed, kept from the machine;
 * and Kubernetes made of them. Its volumes are without Ceph, in a directory in place of an NFS server, with limits.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest'
import { kubernetesOf, tryApart, tryCreate, tryDelete, tryHeal, tryOther, tryResize, tryService } from './clusters.ts'
import { tryDying } from './dying-guest.ts'
import { asked, watchGuest } from './guests.ts'
import { failures, floatingIp, installation, resultOf } from './installation.ts'
import { patience } from './patience.ts'
import { postmortem } from './postmortem.ts'
import { addTenant, inventory, type Tenant } from './tenants.ts'
import { tryVolumes } from './volumes.ts'

const cloud = installation('e2e-lxc', { api: 16457, public: 18457, lxcNodes: 1 })
const node = `${cloud.name}-lxc-1`
const gateway = join(cloud.stateDir, 'netns', `${cloud.name}-1`)
const second = 1000
cloud.write(`  storage:
    backends:
      nas:
        type: nfs
        directory: /var/lib/croque/volumes
        qos: {specs: {total_iops_sec: 400}}
  services:
    ceph: {enabled: false}
    horizon: {enabled: false}
`)

let before: Readonly<Record<string, string>>

beforeAll(() => {
  before = cloud.machine()
})
afterAll(cloud.remove)

interface Server {
  readonly id: string
  readonly status: string
  readonly 'OS-EXT-SRV-ATTR:host': string
}

const done = (...args: readonly string[]): void => {
  const ran = cloud.run('openstack', ...args)
  expect(ran.code, `openstack ${args.join(' ')}: ${ran.stdout}${ran.stderr}`).toBe(0)
}
const show = (name: string): Server => cloud.openstack('server', 'show', name) as Server
/** In the libvirt Pod of the node, which sees the node's processes, links and control groups. */
const onNode = (script: string): string => {
  const place = ['-n', 'openstack', 'exec', 'daemonset/nova-libvirt-lxc', '-c', 'libvirt-lxc', '--']
  return cloud.kubectl(...place, 'sh', '-c', script).stdout.trim()
}
/** All that a guest may leave there. */
const traces = (): string =>
  onNode(
    [
      'pgrep -a libvirt_lxc',
      "find /sys/fs/cgroup -type d -path '*croque-guests/*instance-*'",
      'losetup --list --noheadings --output BACK-FILE | grep /var/lib/nova/instances/',
      'ls /sys/class/net | grep -E "^(tap|vnet)"',
      'ls /var/lib/nova/instances | grep -E "^[0-9a-f-]{36}$"',
      'true',
    ].join('; '),
  )
const console_ = async (id: string): Promise<string> => await cloud.api().compute.servers.console(id, 400)
const untilSaid = async (id: string, text: string): Promise<void> =>
  await expect.poll(() => console_(id), patience).toContain(text)
const status = (address: string): string => asked(gateway, `http://${address}/cgi-bin/status`)
const untilAnswers = async (address: string, text: string): Promise<void> =>
  await expect.poll(() => status(address), patience).toContain(text)

/** Tries to get out of the guest, then to end it by its own hunger; tells the console what came of it, and goes on. */
const attack = `#!/bin/sh
tried() { if "$@" > /dev/null 2> /tmp/error; then echo done; else tail -n 1 /tmp/error; fi; }
mkdir -p /mnt
mount -t cgroup -o memory cgroup /mnt && echo "ATTACK groups $(cd /mnt && ls -d */ | tr -d '\\n') $(cat /mnt/memory.limit_in_bytes)"
umount /mnt
mknod /tmp/disk b 7 0; echo "ATTACK disk $(tried head -c 1 /tmp/disk)"
mknod /tmp/memory c 1 1; echo "ATTACK memory $(tried head -c 1 /tmp/memory)"
mknod /tmp/log c 1 11; echo "ATTACK log $(tried head -c 1 /tmp/log)"
echo "ATTACK settings $(tried sh -c 'echo 1 > /proc/sys/vm/drop_caches')"
echo "ATTACK loop $(tried losetup /tmp/disk /init)"
dd if=/dev/zero of=/dev/shm/file bs=1M count=500 2> /dev/null; echo "ATTACK shm $?"; rm -f /dev/shm/file
dd if=/dev/zero of=/dev/null bs=700M count=1 2> /dev/null; echo "ATTACK eater $?"
echo "ATTACK total $(sed -n 's/^MemTotal: *//p' /proc/meminfo)"
echo "ATTACK over"
`

test('a cloud with a node for container guests comes up, and has nothing to change afterwards', () => {
  const ran = cloud.withFile('up', '--output', 'json')
  expect(resultOf(ran).ok, failures(ran)).toBe(true)
  for (const { stdout } of [ran, cloud.run('status')]) expect(stdout).toContain('in place of an NFS server')
  expect(cloud.planned()).toEqual([])
  expect(show('croque-verify')).toMatchObject({ status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': `${cloud.name}-1` })
  const label = cloud.run('node', 'label', node, 'compute,compute-lxc')
  expect(label.code).toBe(1)
  expect(label.stdout + label.stderr).toContain('not both')
})

test('volumes are made, attached to a running guest, copied and removed', () => tryVolumes(cloud, 'nas'))

test('the hypervisor keeps the limits of the type', async () => {
  const status = (): string => (cloud.openstack('volume', 'show', 'limited') as { readonly status: string }).status
  const until = (wanted: string): Promise<void> => expect.poll(status, patience).toBe(wanted)
  cloud.openstack('volume', 'create', '--size', '1', 'limited')
  await until('available')
  cloud.openstack('server', 'add', 'volume', 'croque-verify', 'limited')
  // The guest has it a moment before Cinder says so, and Cinder lets go only of what is in use.
  await until('in-use')
  const libvirt = ['-n', 'openstack', 'exec', 'daemonset/nova-libvirt', '-c', 'libvirt', '--']
  const guest = 'virsh dumpxml "$(virsh list --name | head -1)"'
  expect(cloud.kubectl(...libvirt, 'sh', '-c', guest).stdout).toContain('<total_iops_sec>400</total_iops_sec>')
  expect(cloud.run('openstack', 'server', 'remove', 'volume', 'croque-verify', 'limited').code).toBe(0)
  await until('available')
  expect(cloud.run('openstack', 'volume', 'delete', 'limited').code).toBe(0)
})

let address = ''

test('an image for containers becomes one there, with address, metadata and console', async () => {
  const begun = performance.now()
  done('server', 'create', '--image', 'tiny-lxc', '--flavor', 'm1.nano', '--network', 'private', '--wait', 'contained')
  process.stdout.write(`a container guest was ACTIVE after ${((performance.now() - begun) / second).toFixed(1)} s\n`)
  const server = show('contained')
  expect(server['OS-EXT-SRV-ATTR:host']).toBe(node)
  const { floating_ip_address: ip } = cloud.openstack('floating', 'ip', 'create', 'public') as {
    readonly floating_ip_address: string
  }
  done('server', 'add', 'floating', 'ip', 'contained', ip)
  address = floatingIp(cloud, 'contained')
  expect(address).toBe(ip)
  await untilAnswers(address, 'instance-id i-')
  await untilSaid(server.id, 'GUEST-METADATA i-')
  // Read a second time, it is the same and whole: a pseudo terminal gives each line once.
  expect(await console_(server.id)).toContain('GUEST-BOOTED')
})

test('an image that says nothing never comes there, nor does a volume', async () => {
  const { servers } = cloud.api().compute
  // By name, and still asked for whether it fits: a zone of the form zone:host would ask no filter.
  const there = ['--host', node, '--flavor', 'm1.nano', '--network', 'private']
  const refused = async (name: string, ...source: readonly string[]): Promise<void> => {
    cloud.run('openstack', '--os-compute-api-version', '2.74', 'server', 'create', ...source, ...there, name)
    const state = async (): Promise<string | undefined> => (await servers.list(name))[0]?.status
    await expect.poll(state, patience).toBe('ERROR')
    expect((await servers.list(name))[0]?.fault).toContain('No valid host')
    done('server', 'delete', '--wait', name)
  }
  await refused('plain', '--image', 'tiny')
  await refused('stored', '--image', 'tiny-lxc', '--boot-from-volume', '1')
})

test('one whose init ends at once is waited for by nobody', async () => await tryDying(cloud))

test('from inside nothing of the machine can be reached, and hunger ends a process, not the server', async () => {
  const api = cloud.api()
  const [image] = await api.image.list({ name: 'tiny-lxc' })
  const [network] = await api.network.networks('private')
  const { body } = await api.request('compute', 'POST', '/servers', {
    body: {
      server: {
        name: 'attacker',
        imageRef: image?.id,
        flavorRef: 'm1.tiny',
        networks: [{ uuid: network?.id }],
        user_data: Buffer.from(attack).toString('base64'),
      },
    },
  })
  const { id } = (body as { readonly server: { readonly id: string } }).server
  await untilSaid(id, 'ATTACK over')
  const said = Object.fromEntries(
    [...(await console_(id)).matchAll(/ATTACK (\w+) ([^\r\n]*)/g)].map(([, name = '', what = '']) => [name, what]),
  )
  // m1.tiny has half a GiB.
  expect(said).toMatchObject({
    groups: `machine/ ${512 * 2 ** 20}`,
    disk: expect.stringContaining('not permitted'),
    memory: expect.stringContaining('not permitted'),
    log: expect.stringContaining('not permitted'),
    settings: expect.stringContaining('Read-only'),
    loop: expect.stringContaining('not permitted'),
    shm: '1',
    eater: '137',
    total: `${512 * 1024} kB`,
  })
  expect(show('attacker').status).toBe('ACTIVE')
  done('server', 'delete', '--wait', 'attacker')
})

test('it outlives the libvirt Pod and stays known', async () => {
  const watched = watchGuest(gateway, address)
  const pod = ['-n', 'openstack', 'delete', 'pod', '-l', 'croque.dev/component=nova.libvirt-lxc', '--wait']
  expect(cloud.kubectl(...pod).code).toBe(0)
  await expect.poll(() => onNode('virsh -c lxc:/// list --name'), patience).toContain('instance-')
  const { gap, answers } = await watched.stop()
  process.stdout.write(`libvirt: the container guest was silent for ${(gap / second).toFixed(1)} s at most\n`)
  expect(answers).toBeGreaterThan(0)
  expect(show('contained').status).toBe('ACTIVE')
})

test('it stops, starts and is restarted within seconds', async () => {
  const timed = async (what: string, status: string, work: () => void): Promise<void> => {
    const begun = performance.now()
    work()
    await expect.poll(() => show('contained').status, patience).toBe(status)
    const took = performance.now() - begun
    process.stdout.write(`a container guest took ${(took / second).toFixed(1)} s to ${what}\n`)
    expect(took).toBeLessThan(45 * second)
  }
  await timed('stop', 'SHUTOFF', () => done('server', 'stop', 'contained'))
  expect(traces()).not.toContain('libvirt_lxc')
  await timed('start', 'ACTIVE', () => done('server', 'start', 'contained'))
  await untilAnswers(address, 'instance-id i-')
  await timed('restart', 'ACTIVE', () => done('server', 'reboot', '--wait', 'contained'))
  await untilAnswers(address, 'instance-id i-')
  await timed('restart hard', 'ACTIVE', () => done('server', 'reboot', '--hard', '--wait', 'contained'))
  await untilAnswers(address, 'instance-id i-')
})

describe('Kubernetes for tenants', () => {
  const scene = { cloud, outside: gateway, name: 'demo' }
  let tenant: Tenant
  let had: Awaited<ReturnType<typeof inventory>>
  let kubernetes: ReturnType<typeof kubernetesOf>

  beforeEach(() => onTestFailed(postmortem(cloud)))

  test('is offered, and made by `croque cluster create`', async () => {
    expect(cloud.openstack('coe', 'cluster', 'template', 'show', 'kubernetes')).toMatchObject({ public: true })
    tenant = await addTenant(cloud, 'tenant')
    // Neutron makes a project's default group when it is first asked for them.
    tenant.asked('security', 'group', 'list')
    had = await inventory(cloud, [tenant])
    await tryCreate(scene, 'kubernetes')
    kubernetes = kubernetesOf(scene)
    await expect.poll(() => kubernetes.ready(), patience).toHaveLength(2)
  })

  test('serves what is put on it', async () => await tryService(scene, kubernetes))

  test('grows and shrinks by the openstack client', async () => await tryResize(scene, kubernetes))

  test('heals', async () => await tryHeal(scene, kubernetes))

  test("is one tenant's alone", async () => {
    await tryOther(scene, tenant)
    await tryApart(scene, tenant, kubernetes)
  })

  test('leaves nothing behind', async () => {
    await tryDelete(scene, tenant)
    expect(await inventory(cloud, [tenant])).toEqual(had)
    kubernetes.remove()
    await tenant.remove()
  })
})

test('deleted, it leaves nothing on its node', async () => {
  expect(traces()).toContain('libvirt_lxc')
  done('server', 'delete', '--wait', 'contained')
  done('floating', 'ip', 'delete', address)
  await expect.poll(traces, patience).toBe('')
})

test('the node is drained of what is new; and the cloud goes with all of it', () => {
  const drained = cloud.run('node', 'drain', node, '--yes')
  expect(drained.code, drained.stdout + drained.stderr).toBe(0)
  expect(cloud.run('node', 'uncordon', node).code).toBe(0)
  expect(cloud.withFile('down', '--yes').code).toBe(0)
  expect(cloud.machine()).toEqual(before)
})
