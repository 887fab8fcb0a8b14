/** Every call of magnum-ui's pages, in an order in which each finds what it needs, with bodies as their dialogues make them. */
import { expect } from 'vitest'
import type { Subject } from '../exchange.ts'
import { requests } from '../requests/signing.ts'
import type { World } from '../world.ts'
import { type Session, startHorizon } from './horizon.ts'

type Row = Readonly<Record<string, unknown>>
const rows = (answer: unknown): readonly Row[] => (answer as { readonly items: readonly Row[] }).items

/** Says what was asked, as {@link startHorizon} notes it. `dir` is for its log. */
export async function tryPanels(world: World, subject: Subject, dir: string): Promise<readonly string[]> {
  // The dialogue of a resize asks Heat for the stack and Nova for its servers, and takes 404 for none.
  await world.keystone.identity.offer('orchestration', `${world.fake.origin}/orchestration`)
  const horizon = await startHorizon(world, dir)
  try {
    const member = await horizon.as('member')
    expect(await shownTo(member)).toEqual({ inMenu: true, status: 200 })
    const template = await tryTemplates(world, member)
    await tryClusters(subject, member, template)
    await tryQuotas(world, await horizon.as('admin'))
    await member.ask(204, 'DELETE', 'cluster_templates/', [template])
    expect(rows(await member.ask(200, 'GET', 'cluster_templates/'))).toEqual([])
    return horizon.asked
  } finally {
    await horizon.stop()
  }
}

/** Whether somebody's menu has the panels, and what their page answers. */
export async function shownTo({ page }: Session): Promise<{ readonly inMenu: boolean; readonly status: number }> {
  const { text } = await page('/project/api_access/')
  expect(text).toContain('API Access')
  return { inMenu: text.includes('Container Infra'), status: (await page('/project/clusters/')).status }
}

/** The id of one that is there. */
async function tryTemplates(world: World, { ask }: Session): Promise<string> {
  for (const [path, answer] of [
    ['ingress_controllers/', { controllers: [] }],
    ['available_addons/', { addons: [] }],
  ] as const)
    expect(await ask(200, 'GET', path)).toEqual(answer)
  const networks = rows(await ask(200, 'GET', 'networks/'))
  const network = world.names.get('network:public')
  expect(networks).toContainEqual(expect.objectContaining({ id: network, is_router_external: true }))
  const model = {
    name: 'panels',
    coe: 'kubernetes',
    public: false,
    hidden: false,
    registry_enabled: false,
    tls_disabled: false,
    image_id: 'coreos',
    flavor_id: 'm1.small',
    master_flavor_id: 'm1.small',
    docker_volume_size: 5,
    keypair_id: 'key',
    network_driver: 'flannel',
    external_network_id: network,
    dns_nameserver: '8.8.8.8',
    master_lb_enabled: false,
    floating_ip_enabled: true,
    labels: 'one=1,two=2',
  }
  const made = (await ask(201, 'POST', 'cluster_templates/', model)) as Row
  const { uuid } = made
  expect(made).toMatchObject({ name: 'panels', labels: { one: '1', two: '2' }, docker_volume_size: 5 })
  const path = `cluster_templates/${String(uuid)}`
  expect(await ask(200, 'GET', path)).toMatchObject({ id: uuid, floating_ip_enabled: true, keypair_id: 'key' })
  const changed = { name: 'renamed', dns_nameserver: '9.9.9.9', labels: 'one=1,three=3' }
  expect(await ask(201, 'PATCH', path, { ...model, server_type: 'vm', ...changed })).toMatchObject({
    name: 'renamed',
    dns_nameserver: '9.9.9.9',
    labels: { one: '1', three: '3' },
  })
  expect(rows(await ask(200, 'GET', `cluster_templates/?related_to=${String(uuid)}`))).toMatchObject([{ id: uuid }])
  return String(uuid)
}

async function tryClusters(subject: Subject, { ask }: Session, template: string): Promise<void> {
  const wish = {
    discovery_url: null,
    create_timeout: 60,
    rollback: false,
    name: 'panels',
    cluster_template_id: template,
    keypair: 'key',
    labels: {
      availability_zone: 'nova',
      auto_scaling_enabled: true,
      auto_healing_enabled: true,
      master_lb_floating_ip_enabled: false,
      min_node_count: 1,
      max_node_count: 3,
    },
    master_lb_enabled: false,
    master_count: 1,
    node_count: 2,
  }
  const { uuid } = (await ask(201, 'POST', 'clusters/', wish)) as Row
  const path = `clusters/${String(uuid)}`
  await subject.settle()
  expect(rows(await ask(200, 'GET', 'clusters/'))).toMatchObject([
    { id: uuid, name: 'panels', status: 'CREATE_COMPLETE', master_count: 1, node_count: 2 },
  ])
  expect(await ask(200, 'GET', path)).toMatchObject({
    keypair: 'key',
    create_timeout: 60,
    labels: { availability_zone: 'nova', auto_healing_enabled: 'True', max_node_count: '3' },
  })
  expect(await ask(200, 'GET', 'stats/')).toEqual({ stats: { clusters: 1, nodes: 3 } })
  const config = await ask(200, 'GET', `${path}/config`)
  expect(config).toMatchObject({ ca: pem, cert: pem, cluster_config: expect.stringContaining('kind: Config') })
  expect(await ask(200, 'GET', `certificates/${String(uuid)}`)).toMatchObject({ pem })
  expect(await ask(201, 'POST', 'certificates/', { cluster_uuid: uuid, csr: requests.plain })).toMatchObject({ pem })
  expect(await ask(200, 'GET', `${path}/resize`)).toMatchObject({
    cluster: { id: uuid },
    worker_nodes: [],
    nodegroups: [{ name: 'default-master' }, { name: 'default-worker', node_count: 2 }],
  })
  await ask(200, 'POST', `${path}/resize`, { node_count: 3, nodegroup: 'default-worker' })
  await subject.settle()
  // No page does, and none could: the number goes out as a text, which Magnum refuses too.
  await ask(500, 'PATCH', path, { name: 'panels', node_count: 1, rollback: true })
  await ask(200, 'POST', `${path}/upgrade`, { cluster_template: template, max_batch_size: 1 })
  await subject.settle()
  // Done all the same: python-magnumclient takes the empty answer for an object where it has a token in place of a session.
  await ask(500, 'DELETE', `certificates/${String(uuid)}`, [uuid])
  await subject.settle()
  await ask(200, 'PATCH', `credentials/${String(uuid)}`)
  await subject.settle()
  expect(rows(await ask(200, 'GET', 'clusters/'))).toMatchObject([{ status: 'UPDATE_COMPLETE', node_count: 3 }])
  await ask(204, 'DELETE', 'clusters/', [uuid])
  await subject.settle()
  expect(rows(await ask(200, 'GET', 'clusters/'))).toEqual([])
}

const pem = expect.stringContaining('-----BEGIN CERTIFICATE-----')

async function tryQuotas(world: World, { ask }: Session): Promise<void> {
  const project = world.names.get('project:red')
  const path = `quotas/${String(project)}/Cluster`
  expect(await ask(201, 'POST', 'quotas/', { project_id: project, resource: 'Cluster', hard_limit: 4 })).toMatchObject({
    hard_limit: 4,
  })
  expect(await ask(200, 'GET', path)).toMatchObject({ hard_limit: 4 })
  const wish = { id: 1, project_id: project, resource: 'Cluster', hard_limit: 5 }
  expect(await ask(201, 'PATCH', path, wish)).toMatchObject({ hard_limit: 5 })
  expect(rows(await ask(200, 'GET', 'quotas/'))).toMatchObject([{ project_id: project, hard_limit: 5 }])
  await ask(204, 'DELETE', path, { project_id: project, resource: 'Cluster' })
  expect(rows(await ask(200, 'GET', 'quotas/'))).toEqual([])
}
