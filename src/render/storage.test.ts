/** Block storage: on which nodes and what of them, and one that somebody else operates. */
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { KubeObject } from '../kube/index.ts'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render, type Site, type Unit, yamlDocument } from './index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev' }

function rendered(storage: unknown) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec: { storage } })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, site).rendering
}

const textOf = (units: readonly Unit[]): string => JSON.stringify(units.flatMap(({ objects }) => objects))
const file = (units: readonly Unit[], map: string, name: string): string => {
  const found = units
    .flatMap(({ objects }) => objects)
    .find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === map)
  return (found?.['data'] as Readonly<Record<string, string>> | undefined)?.[name] ?? ''
}
const needsOf = (units: readonly Unit[], id: string): readonly string[] =>
  units.find((unit) => unit.id === id)?.needs ?? []

describe('OSDs by node', () => {
  const places = {
    'cloud-1': { size: '100Gi', directory: '/var/lib/osd' },
  }

  test('on a claim, in a directory and on a device, whole', async () => {
    const text = stringify({
      apiVersion: 'croque.dev/v1alpha1',
      kind: 'Cloud',
      spec: {
        underlay: { type: 'kubeconfig' },
        storage: {
          osds: { a: {}, 'b.example.org': { directory: '/var/lib/osd' }, c: { device: '/dev/disk/by-id/x-1' } },
        },
      },
    })
    const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
    const sets = render(loaded.cloud, site)
      .rendering.units.filter(({ id }) => id.startsWith('ceph/osd'))
      .flatMap(({ objects }) => objects)
      .filter(({ kind }) => kind === 'StatefulSet')
    await expect(sets.map(yamlDocument).join('')).toMatchFileSnapshot('./golden/osds.yaml')
  })

  test('stand in place of the others, and pools wait for each of them', () => {
    const { units } = rendered({ osds: places })
    expect(units.map(({ id }) => id).filter((id) => id.startsWith('ceph/osd'))).toEqual(['ceph/osd-cloud-1'])
    expect(needsOf(units, 'ceph/pools')).toContain('ceph/osd-cloud-1')
  })
})

describe('images and disks on the block storage', () => {
  test('wait for it, and are not there unless asked for', () => {
    const plain = rendered({}).units
    expect(needsOf(plain, 'glance/api')).not.toContain('ceph/pools')
    expect(file(plain, 'nova-compute', 'nova.conf')).not.toContain('images_type')
    const { units } = rendered({ images: 'block', disks: 'block' })
    expect(needsOf(units, 'glance/api')).toContain('ceph/pools')
    expect(needsOf(units, 'nova/compute')).toContain('ceph/pools')
    expect(file(units, 'glance-api', 'glance-api.conf')).toContain('default_backend = ceph')
    expect(file(units, 'nova-compute', 'nova.conf')).toContain('images_type = rbd')
  })
})

describe('an external storage', () => {
  const { units, given } = rendered({
    external: { secretRef: { name: 'my-ceph' } },
    images: 'block',
    disks: 'block',
  })

  test('has none of its own, and waits for nothing of it', () => {
    expect(units.filter(({ id, needs }) => [id, ...needs].some((name) => name.startsWith('ceph/')))).toEqual([])
    expect(
      units.flatMap(({ secrets }) => secrets.map(({ name }) => name)).filter((name) => name.includes('ceph')),
    ).toEqual([])
    expect(textOf(units)).not.toMatch(/ceph-mon|ceph-client-/)
  })

  test('asks the user for the conf and the keyring of every client', () => {
    const users = ['cinder', 'cinder-backup', 'glance', 'nova'].map((user) => `ceph.client.${user}.keyring`)
    expect(given).toEqual({ 'my-ceph': ['ceph.conf', ...users].sort() })
  })

  test('gives every container only the keys that it uses, where its programs look for them', () => {
    const keysOf = (object: KubeObject): readonly string[] => {
      const spec = (object['spec'] as { template?: { spec: { volumes: readonly Volume[] } } }).template?.spec
      return (spec?.volumes ?? []).flatMap(({ secret }) =>
        secret?.secretName === 'my-ceph' ? (secret.items ?? [{ key: 'ALL' }]).map(({ key }) => key) : [],
      )
    }
    const workloads = units.flatMap(({ objects }) => objects).filter(({ kind }) => /Set$|^Deployment$/.test(kind))
    const used = workloads
      .map((each) => [each.metadata.name, keysOf(each)] as const)
      .filter(([, keys]) => keys.length > 0)
    expect(Object.fromEntries(used)).toEqual({
      'cinder-backup': ['ceph.conf', 'ceph.client.cinder.keyring', 'ceph.client.cinder-backup.keyring'],
      'cinder-volume': ['ceph.conf', 'ceph.client.cinder.keyring'],
      'glance-api': ['ceph.conf', 'ceph.client.glance.keyring'],
      'nova-compute': ['ceph.conf', 'ceph.client.nova.keyring'],
      'nova-libvirt': ['ceph.client.cinder.keyring', 'ceph.client.nova.keyring'],
    })
    expect(file(units, 'cinder-volume', 'cinder.conf')).toContain('rbd_ceph_conf = /etc/ceph/ceph.conf')
    expect(file(units, 'nova-compute', 'nova.conf')).toContain('images_rbd_ceph_conf = /etc/ceph/ceph.conf')
  })
})

interface Volume {
  readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly key: string }[] }
}
