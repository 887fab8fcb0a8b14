import { expect, test } from 'vitest'
import type { StackNode } from './node-stacks.ts'
import { type ClusterStack, clusterStack, groupStack } from './stack.ts'
import type { Template } from './template.ts'

const node = (index: number, name: string): StackNode => ({
  index,
  name,
  imageId: 'image',
  flavorId: 'flavor',
  userData: `#cloud-config of ${name}`,
  podRange: `10.100.${index}.0/24`,
})

const wanted: ClusterStack = {
  name: 'demo',
  engine: 'Kubernetes',
  ground: { range: '10.0.0.0/24', nameServers: ['192.0.2.53'], externalNetworkId: 'public' },
  externalNetworkId: 'public',
  apiPort: 6443,
  podRange: '10.100.0.0/16',
  routed: true,
  masters: [node(0, 'demo-master-0')],
  workers: [node(1, 'demo-node-1'), node(4, 'demo-node-4')],
  apiOutside: true,
  placement: { logins: true, floatingIps: true },
}

const parse = (text: string | undefined): Template => JSON.parse(text ?? 'null') as Template

test('the stack of a cluster is as it was reviewed', async () => {
  const { template, files } = clusterStack(wanted)
  const all = { template, ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name, parse(text)])) }
  await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot('golden/cluster-stack.json')
})

test('the stack of a cluster behind a load balancer is as it was reviewed', async () => {
  const balancer = { provider: 'amphora', algorithm: 'ROUND_ROBIN', isMonitored: true }
  const { template, files } = clusterStack({ ...wanted, balancer, apiRanges: ['192.0.2.0/24'] })
  const { resources, outputs } = template
  const all = { resources, outputs, master: parse(files['kubemaster.yaml']) }
  await expect(`${JSON.stringify(all, null, 2)}\n`).toMatchFileSnapshot('golden/balanced-stack.json')
  expect(files['kubeminion.yaml']).toBe(clusterStack(wanted).files['kubeminion.yaml'])
  // Neutron refuses a rule that is there.
  const twice = clusterStack({ ...wanted, balancer, apiRanges: ['10.0.0.0/24'] }).template.resources
  expect(twice['api_listener']?.properties?.['allowed_cidrs']).toEqual(['10.0.0.0/24', '10.100.0.0/16'])
})

test('autoscalers and auto-healers find the names of Magnum: kube_minions, refs_map, kube-minion', () => {
  const { template, files } = clusterStack(wanted)
  expect(template.resources['kube_minions']?.type).toBe('kubeminions.yaml')
  const group = parse(files['kubeminions.yaml'])
  expect(Object.keys(group.resources)).toEqual(['1', '4'])
  expect(group.outputs?.['refs_map']?.value).toEqual({ '1': { get_resource: '1' }, '4': { get_resource: '4' } })
  const nested = parse(files['kubeminion.yaml'])
  expect(Object.keys(nested.resources)).toEqual(expect.arrayContaining(['kube-minion', 'node_config_deployment']))
  expect(nested.outputs?.['OS::stack_id']?.value).toEqual({ get_resource: 'kube-minion' })
})

test('on a network that is there nothing of it is made, and no router is touched', () => {
  const { template, files } = clusterStack({ ...wanted, ground: { networkId: 'net', subnetId: 'sub' } })
  const types = Object.values(template.resources).map(({ type }) => type)
  expect(types.filter((type) => /Net$|Subnet$|Router|ExtraRouteSet/.test(type))).toEqual([])
  expect(template.resources['kube_minions']?.properties).toMatchObject({ network: 'net', subnet: 'sub' })
  // A vxlan needs none; the address of the API is all that masters have beside their own.
  expect(JSON.stringify([template, files['kubeminion.yaml']])).not.toMatch(/allowed_address_pairs|_from_pods/)
  expect(parse(files['kubemaster.yaml']).resources['kube_master_eth0']?.properties?.['allowed_address_pairs']).toEqual([
    { ip_address: { get_param: 'shared_address' } },
  ])
})

test('without floating IPs, a key pair and labels there is no floating IP, no login from outside and a disk of its own', () => {
  const { template, files } = clusterStack({
    ...wanted,
    placement: { logins: false, floatingIps: false },
    apiOutside: false,
    apiRanges: ['192.0.2.0/24'],
  })
  expect(JSON.stringify(files)).not.toContain('FloatingIP')
  expect(JSON.stringify([template, files])).not.toMatch(/"port_range_min":22\b|key_name|Cinder/)
  expect(template.resources['secgroup_kube_master']?.properties?.['rules']).toContainEqual(
    expect.objectContaining({ port_range_min: 6443, remote_ip_prefix: '192.0.2.0/24' }),
  )
})

test('nodes boot from a volume, spread and placed as labels say', () => {
  const bootVolume = { size: 10, type: 'fast', availabilityZone: 'az1' }
  const placement = { logins: false, floatingIps: false, bootVolume, availabilityZone: 'az2', spread: 'anti-affinity' }
  const { template, files } = clusterStack({ ...wanted, placement })
  expect(template.resources['nodes_server_group']?.properties).toMatchObject({ policies: ['anti-affinity'] })
  const { resources } = parse(files['kubeminion.yaml'])
  expect(resources['kube_minion_volume']?.properties).toMatchObject({
    size: 10,
    volume_type: 'fast',
    availability_zone: 'az1',
  })
  expect(resources['kube-minion']?.properties).toMatchObject({ availability_zone: 'az2' })
  expect(resources['kube-minion']?.properties).not.toHaveProperty('image')
})

test('masters and workers are spread among themselves, and the API alone may be outside', () => {
  const { template, files } = clusterStack({ ...wanted, placement: { logins: false, floatingIps: false } })
  const groupOf = (name: string): unknown => template.resources[name]?.properties?.['server_group']
  expect([groupOf('kube_masters'), groupOf('kube_minions')]).toEqual([
    { get_resource: 'masters_server_group' },
    { get_resource: 'nodes_server_group' },
  ])
  expect(template.resources['api_address_floating']?.type).toBe('OS::Neutron::FloatingIP')
  expect(JSON.stringify(files)).not.toContain('FloatingIP')
})

test('images and etcd have volumes of their own, which the metadata of their server names', () => {
  const data = { containerVolume: { size: 20, type: 'fast' }, etcdVolume: { size: 5 } }
  const { files } = clusterStack({ ...wanted, placement: { ...wanted.placement, ...data } })
  const resourcesOf = (name: string): Template['resources'] => parse(files[name]).resources
  const master = resourcesOf('kubemaster.yaml')
  expect(master['containers_volume']?.properties).toEqual({ size: 20, volume_type: 'fast' })
  expect(master['kube-master']?.properties).toMatchObject({
    image: { get_param: 'image' },
    block_device_mapping_v2: [
      { boot_index: -1, volume_id: { get_resource: 'containers_volume' } },
      { boot_index: -1, volume_id: { get_resource: 'etcd_volume' } },
    ],
    metadata: {
      croque_containers: { get_resource: 'containers_volume' },
      croque_etcd: { get_resource: 'etcd_volume' },
    },
  })
  expect(Object.keys(resourcesOf('kubeminion.yaml'))).not.toContain('etcd_volume')
})

test('where an add-on connects Pods the cloud hears nothing of their addresses', () => {
  const { template, files } = clusterStack({ ...wanted, routed: false })
  const names = Object.keys(template.resources)
  expect(names).toContain('extrouter')
  expect(names.filter((name) => /pods|pod_routes/.test(name))).toEqual([])
  // It may wrap them in IP, between nodes.
  expect(template.resources['secgroup_kube_minion_from_secgroup_kube_master_4']?.properties).toEqual({
    security_group: { get_resource: 'secgroup_kube_minion' },
    ethertype: 'IPv4',
    protocol: '4',
    remote_group: { get_resource: 'secgroup_kube_master' },
  })
  const port = parse(files['kubeminion.yaml']).resources['kube_minion_eth0']?.properties
  expect(port).not.toHaveProperty('allowed_address_pairs')
})

test.each(['tcp', 'udp'])('nodes and Pods of all groups reach each other by %s, at every port', (protocol) => {
  const { template } = clusterStack(wanted)
  const rules = Object.values(template.resources)
    .filter(({ type }) => type === 'OS::Neutron::SecurityGroupRule')
    .map(({ properties }) => properties)
  const groups = ['secgroup_kube_master', 'secgroup_kube_minion'].map((name) => ({ get_resource: name }))
  for (const security_group of groups)
    for (const remote of [...groups.map((group) => ({ remote_group: group })), { remote_ip_prefix: '10.100.0.0/16' }])
      expect(rules).toContainEqual({ security_group, ethertype: 'IPv4', protocol, ...remote })
})

test('masters hear who of them has the address, and nobody else says so', () => {
  const { template } = clusterStack(wanted)
  const master = { get_resource: 'secgroup_kube_master' }
  const rules = Object.values(template.resources).filter(({ properties }) => properties?.['protocol'] === 'vrrp')
  expect(rules.map(({ properties }) => properties)).toEqual([
    { security_group: master, ethertype: 'IPv4', protocol: 'vrrp', remote_group: master },
  ])
})

test('a further node group stands on the network of its cluster and adds its Pods to the routes', () => {
  const network = { networkId: 'net', subnetId: 'sub', securityGroupId: 'group' }
  const shared = { name: 'demo', externalNetworkId: 'public', placement: { logins: true, floatingIps: true } }
  const { template, files } = groupStack({ ...shared, workers: [node(0, 'demo-gpu-0')], network, routerId: 'router' })
  expect(Object.keys(template.resources).sort()).toEqual(['kube_minions', 'nodes_server_group', 'pod_routes'])
  expect(template.resources['kube_minions']?.properties).toMatchObject({ network: 'net', security_group: 'group' })
  expect(parse(files['kubeminions.yaml']).outputs?.['routes']?.value).toEqual([
    { destination: '10.100.0.0/24', nexthop: { get_attr: ['0', 'address'] } },
  ])
})

test('what lets a node in is hidden from whoever may only look at stacks', () => {
  const { template, files, parameters } = clusterStack(wanted)
  expect(parameters).toEqual({
    kube_masters_user_data: { '0': '#cloud-config of demo-master-0' },
    kube_minions_user_data: { '1': '#cloud-config of demo-node-1', '4': '#cloud-config of demo-node-4' },
  })
  expect(JSON.stringify([template, files])).not.toContain('#cloud-config')
  const templates = [template, ...Object.values(files).map(parse)]
  const given = templates
    .flatMap(({ parameters = {} }) => Object.entries(parameters))
    .filter(([name]) => name.endsWith('user_data'))
  expect(given).toHaveLength(6)
  for (const [, parameter] of given) expect(parameter).toMatchObject({ hidden: true })
})
