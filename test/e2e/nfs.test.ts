/** Volumes without Ceph: a directory of the one node in place of an NFS server, with limits. */
import { afterAll, expect, test } from 'vitest'
import { failures, installation, resultOf } from './installation.ts'
import { tryVolumes } from './volumes.ts'

const cloud = installation('e2e-nfs', { api: 16455, public: 18455 })
cloud.write(`  storage:
    backends:
      nas:
        type: nfs
        directory: /var/lib/croque/volumes
        qos: {specs: {total_iops_sec: 400}}
  services:
    ceph: {enabled: false}
    heat: {enabled: false}
    horizon: {enabled: false}
`)

afterAll(cloud.remove)

test('a cloud comes up on it, says what stands in, and has nothing to change afterwards', () => {
  const ran = cloud.withFile('up', '--output', 'json')
  expect(resultOf(ran).ok, failures(ran)).toBe(true)
  expect(ran.stdout).toContain('in place of an NFS server')
  expect(cloud.run('status').stdout).toContain('in place of an NFS server')
  expect(cloud.planned()).toEqual([])
})

test('volumes are made, attached to a running guest, copied and removed', () => tryVolumes(cloud, 'nas'))

test('the hypervisor keeps the limits of the type', async () => {
  const status = (): string => (cloud.openstack('volume', 'show', 'limited') as { readonly status: string }).status
  const until = (wanted: string): Promise<void> =>
    expect.poll(status, { timeout: 120_000, interval: 1000 }).toBe(wanted)
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
