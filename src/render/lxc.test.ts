/** A cloud with nodes for container guests: what runs there, and what the others have more. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseIni } from '../oslo/index.ts'
import { loadCloud } from '../spec/index.ts'
import { difference } from './fixture.ts'
import { knownServices, nodeRoles, render, type Site } from './index.ts'

const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev', tunnelInterface: 'tun0' }

function rendered(at: Site, spec: object = {}) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  return render(loaded.cloud, at)
}
const withLxc = (spec?: object) => rendered({ ...site, lxc: true }, spec)
const objects = (result: ReturnType<typeof rendered>) => result.rendering.units.flatMap((unit) => unit.objects)

interface Pod {
  readonly affinity: { readonly nodeAffinity: object }
}

/** Names of what runs on nodes of one role only because of it, and the roles that keep it away. */
function placed(result: ReturnType<typeof rendered>, role: string): readonly string[] {
  return objects(result)
    .filter(({ kind, spec }) => {
      const pod = (spec as { readonly template?: { readonly spec?: Pod } } | undefined)?.template?.spec
      const key = JSON.stringify({ key: `croque.dev/role-${role}`, operator: 'Exists' })
      return kind === 'DaemonSet' && JSON.stringify(pod?.affinity ?? {}).includes(key)
    })
    .map(({ metadata }) => metadata.name)
    .toSorted()
}

function novaConf(result: ReturnType<typeof rendered>, name: string) {
  const map = objects(result).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name)
  return parseIni(((map?.['data'] ?? {}) as Readonly<Record<string, string>>)['nova.conf'] ?? '')
}

test('clusters are offered there and where there is KVM, and nowhere else', () => {
  const steps = (result: ReturnType<typeof rendered>) =>
    [...result.steps.keys()].filter((id) => /node-image|cluster-/.test(id))
  const withKvm: Site = { ...site, virtType: 'kvm', whyNoLxc: 'nobody asks' }
  for (const result of [withLxc(), rendered(withKvm)]) {
    expect(steps(result)).toEqual([
      'content/node-image-build',
      'content/node-image',
      'content/cluster-template',
      'verify/cluster-template',
    ])
    expect(result.notices).toEqual([])
  }
  expect(steps(rendered(site))).toEqual([])
  for (const service of ['heat', 'magnum'])
    expect(steps(withLxc({ services: { [service]: { enabled: false } } }))).toEqual([])
})

test('it differs from one without in these lines', async () => {
  const text = difference(rendered(site).rendering.units, withLxc().rendering.units)
  await expect(text).toMatchFileSnapshot('./golden/lxc.diff')
})

test('such a node has the switch, the metadata agent, and libvirt and Nova of its own', () => {
  expect(placed(withLxc(), 'compute-lxc')).toEqual([
    'neutron-agent',
    'nova-compute-lxc',
    'nova-libvirt-lxc',
    'ovn-controller',
    'ovn-ovsdb',
    'ovn-vswitchd',
  ])
  expect(placed(rendered(site), 'compute-lxc')).toEqual([])
  expect(nodeRoles(withLxc().rendering)).toContain('compute-lxc')
  expect(nodeRoles(rendered(site).rendering)).not.toContain('compute-lxc')
})

test('its hypervisor is not that of the other compute nodes', () => {
  const result = withLxc()
  expect(novaConf(result, 'nova-compute-lxc')['libvirt']).toMatchObject({ virt_type: 'lxc', images_type: 'raw' })
  expect(novaConf(result, 'nova-compute')['libvirt']).toMatchObject({ virt_type: 'qemu' })
})

test('the scheduler keeps from it what is not for containers', () => {
  const { filter_scheduler: filters } = novaConf(withLxc(), 'nova-scheduler')
  expect(String(filters?.['enabled_filters'])).toContain('ImagePropertiesFilter')
  expect(String(filters?.['enabled_filters'])).toContain('ContainerHostsFilter')
  expect(novaConf(rendered(site), 'nova-scheduler')['filter_scheduler']).toBeUndefined()
})

test('what stands on the block storage stays with the other compute nodes', () => {
  const lxc = objects(withLxc()).filter(({ metadata }) => /^nova-(libvirt|compute)-lxc$/.test(metadata.name))
  expect(lxc).not.toHaveLength(0)
  expect(JSON.stringify(lxc)).not.toMatch(/rbd|keyring|iscsi|ceph/)
})

test('such nodes are emptied by nobody, and asked for what their guests need', () => {
  const { nodeDuties, nodeNeeds } = withLxc()
  expect(nodeDuties.map(({ role }) => role)).toEqual(['compute', 'compute-lxc'])
  expect(nodeNeeds.filter(({ roles }) => roles.includes('compute-lxc'))).toHaveLength(1)
})

test("with somebody else's images there are none, and that is said", () => {
  const spec = {
    underlay: { type: 'kubeconfig' },
    images: { source: 'kolla' },
    endpoints: { exposure: 'LoadBalancer' },
    storage: { external: { secretRef: { name: 'ceph' } } },
    services: { magnum: { enabled: false } },
  }
  const result = withLxc(spec)
  expect(placed(result, 'compute-lxc')).toEqual([])
  expect(result.notices.join()).toContain('compute-lxc')
})
