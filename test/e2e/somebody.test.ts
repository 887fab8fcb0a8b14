/** A cluster of somebody else: three nodes that pull from a registry, used by somebody who may do no more than he must; what a user of such a cloud and its operator live through. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { adminSession, credentials, wayOf } from '../../src/cli/admin.ts'
import type { Installation as Opened } from '../../src/cli/installation.ts'
import { run } from '../../src/host/index.ts'
import { createKube, type Kube, type KubeObject } from '../../src/kube/index.ts'
import type { OpenStack } from '../../src/openstack/index.ts'
import type { KubeAccess } from '../../src/underlay/index.ts'
import { asked, watchGuest } from './guests.ts'
import { failures, installation, resultOf } from './installation.ts'
import { patience } from './patience.ts'
import { somebodysCluster } from './somebody.ts'

const second = 1000
const name = 'e2e-somebody'
const apiPort = 16527
const namespace = 'ours'
const publicPort = 18527
const signal = new AbortController().signal
const cluster = await somebodysCluster({ name, nodes: 3, apiPort })
const { at, kubectl, registry, stateDir } = cluster
const [control, network, compute] = [1, 2, 3].map((index) => `${name}-${index}`) as [string, string, string]
/** Where floating IPs are reached. */
const outside = join(stateDir, 'netns', network)
const cloud = installation('e2e-tenant', { api: apiPort, public: publicPort })

/** The core of the kit, on nodes like these. */
function documentFor(kubeconfig: string, endpoints: object = {}): string {
  const off = Object.fromEntries(['ceph', 'cinder', 'heat', 'horizon'].map((name) => [name, { enabled: false }]))
  return stringify({
    apiVersion: 'croque.dev/v1alpha1',
    kind: 'Cloud',
    metadata: { name: cloud.name },
    spec: {
      underlay: { type: 'kubeconfig', kubeconfig: at(kubeconfig), namespace, tunnelInterface: 'tun0' },
      images: cluster.images,
      endpoints: { port: publicPort, ...endpoints },
      services: off,
    },
  })
}

let access: KubeAccess
/** As the administrator of the cluster. */
let admin: Kube
/** The cloud as its administrator, reached as its operator reaches it. */
let openstack: OpenStack

/** A user who is known by a token, and may do nothing yet. */
function tenantKubeconfig(): string {
  kubectl(['create', 'namespace', 'people'])
  kubectl(['--namespace', 'people', 'create', 'serviceaccount', 'tenant'])
  const token = kubectl(['--namespace', 'people', 'create', 'token', 'tenant', '--duration', '6h']).trim()
  const config = parse(access.kubeconfig) as { contexts: { context: { user: string } }[]; users: object[] }
  const name = config.contexts[0]?.context.user
  return stringify({ ...config, users: [{ name, user: { token } }] })
}

/** All that is stored outside the namespace of the cloud, but for what lives of itself: by kind and name, a digest of what somebody wants of it. */
function everythingElse(): Readonly<Record<string, string>> {
  const kinds = kubectl(['api-resources', '--verbs=list', '--output=name'])
    .split('\n')
    .filter((kind) => kind !== '' && !/^(events|leases|componentstatuses|pods\.metrics|nodes\.metrics)\b/.test(kind))
  const { items } = JSON.parse(kubectl(['get', kinds.join(','), '-A', '-o', 'json'])) as { items: KubeObject[] }
  return Object.fromEntries(
    items
      .filter(
        ({ kind, metadata }) =>
          metadata.namespace !== namespace && !(kind === 'Namespace' && metadata.name === namespace),
      )
      .map(({ kind, metadata, status: _, ...rest }) => {
        const { labels, annotations, name, namespace: place = '' } = metadata
        const digest = createHash('sha256').update(JSON.stringify({ labels, annotations, rest })).digest('hex')
        return [`${kind} ${place}/${name}`, digest]
      }),
  )
}

/** What the cluster itself makes for claims, Services and kinds and takes away with them, and what ends by the clock: tokens of kubeadm. */
const theirs =
  /^(PersistentVolume \/pvc-|IPAddress \/|APIService \/v1alpha1\.croque\.dev$|Secret kube-system\/bootstrap-token-|ConfigMap kube-public\/cluster-info$)/

/** What was added, changed or taken away. */
function difference(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((key) => before[key] !== now[key]).sort()
}

const computeCall = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> =>
  (
    await openstack.request('compute', method, path, {
      headers: { 'openstack-api-version': 'compute 2.88' },
      ...(body === undefined ? {} : { body }),
    })
  ).body

interface Guest {
  readonly id: string
  readonly address: string
  readonly floating: string
}

const hostOf = async (id: string): Promise<string | undefined> => (await openstack.compute.servers.get(id))?.host

const settled = async (id: string): Promise<string> => {
  const server = await openstack.compute.servers.get(id)
  return `${server?.status} ${server?.task ?? ''} on ${server?.host}${server?.fault ?? ''}`
}

async function guestOf(id: string): Promise<Guest> {
  const [port] = await openstack.network.ports(id)
  const [floating] = await openstack.network.floatingIps({ port_id: port?.id ?? '' })
  const { server } = (await computeCall('GET', `/servers/${id}`)) as {
    server: { addresses: Record<string, { addr: string; 'OS-EXT-IPS:type': string }[]> }
  }
  const fixed = Object.values(server.addresses)
    .flat()
    .find((each) => each['OS-EXT-IPS:type'] === 'fixed')
  return { id, address: fixed?.addr ?? '', floating: floating?.address ?? '' }
}

/** One more server, on this node, with a floating IP. */
async function makeGuest(name: string, node: string): Promise<Guest> {
  const [first] = await openstack.compute.servers.list('croque-verify')
  const [privateNetwork] = await openstack.network.networks('private')
  const [publicNetwork] = await openstack.network.networks('public')
  const flavor = (await openstack.compute.flavors()).find((each) => each.name === 'm1.nano')
  const { server } = (await computeCall('POST', '/servers', {
    server: {
      name,
      imageRef: first?.image,
      flavorRef: flavor?.id,
      networks: [{ uuid: privateNetwork?.id }],
      availability_zone: `nova:${node}`,
    },
  })) as { server: { id: string } }
  await expect.poll(() => settled(server.id), patience).toBe(`ACTIVE  on ${node}`)
  const [port] = await openstack.network.ports(server.id)
  await openstack.network.createFloatingIp({
    network: publicNetwork?.id ?? '',
    port: port?.id ?? '',
    description: name,
  })
  return await guestOf(server.id)
}

const answers = async (guest: Guest): Promise<void> =>
  await expect.poll(() => asked(outside, `http://${guest.floating}/cgi-bin/status`), patience).not.toBe('')

/** Both ways, each guest fetching the other's page. */
async function talk(one: Guest, other: Guest): Promise<void> {
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    const url = `http://${from.floating}/cgi-bin/fetch?http://${to.address}/`
    await expect.poll(() => asked(outside, url), patience).toContain('bytes ')
  }
}

async function migrate(guest: Guest, to: string): Promise<void> {
  await computeCall('POST', `/servers/${guest.id}/action`, {
    'os-migrateLive': { host: to, block_migration: 'auto' },
  })
  await expect.poll(() => settled(guest.id), patience).toBe(`ACTIVE  on ${to}`)
}

const servicesUp = async (): Promise<readonly string[]> =>
  (await openstack.compute.services())
    .filter(({ binary, up, enabled }) => binary === 'nova-compute' && up && enabled)
    .map(({ host }) => host)
    .sort()

const agentsDown = async (): Promise<number> => (await openstack.network.agents()).filter(({ alive }) => !alive).length

const names = async (): Promise<readonly string[]> => {
  const [servers, ports, ips] = await Promise.all([
    openstack.compute.servers.all(),
    openstack.request('network', 'GET', '/v2.0/ports'),
    openstack.network.floatingIps({}),
  ])
  const { body } = ports as unknown as { body: { ports: { id: string }[] } }
  return [...servers.map(({ id }) => id), ...body.ports.map(({ id }) => id), ...ips.map(({ id }) => id)].sort()
}

const noPlan = async (): Promise<void> => await expect.poll(() => cloud.planned(), patience).toEqual([])

function upAgain(endpoints: object): void {
  writeFileSync(cloud.document, documentFor('tenant', endpoints))
  const ran = cloud.withFile('up', '--skip-verify', '--output', 'json')
  expect(resultOf(ran).ok, failures(ran)).toBe(true)
}

let before: Readonly<Record<string, string>>
let verify: Guest
let other: Guest

beforeAll(async () => {
  access = await cluster.up()
  admin = createKube(access)
  writeFileSync(at('tenant'), tenantKubeconfig())
  writeFileSync(cloud.document, documentFor('tenant'))
  writeFileSync(at('admin.yaml'), documentFor('admin'))
})

afterAll(async () => {
  if (process.env['CROQUE_TEST_KEEP'] !== undefined) return
  openstack?.close()
  admin?.close()
  await cluster.down()
  cloud.remove()
})

describe('a cloud on three nodes of somebody else', () => {
  test('its operator is given a place, a role and nodes; he pushes with the credentials of a Secret', () => {
    cluster.giveNamespace(namespace)
    const pushed = cloud.run('image', 'push', '--file', at('admin.yaml'), '--output', 'json')
    expect(resultOf(pushed).ok, failures(pushed)).toBe(true)

    const roles = cloud.run('render', '--admin-role', '--file', at('admin.yaml'))
    expect(roles.code, roles.stderr).toBe(0)
    kubectl(['apply', '--server-side', '-f', '-'], roles.stdout)
    const name = `croque-${cloud.name}`
    const subject = '--serviceaccount=people:tenant'
    kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, subject])
    kubectl(['create', 'rolebinding', name, `--namespace=${namespace}`, `--role=${name}`, subject])

    for (const [node, role] of [
      [control, 'control'],
      [network, 'network,compute'],
      [compute, 'compute'],
    ] as const) {
      const labelled = cloud.run('node', 'label', node, role, '--file', at('admin.yaml'))
      expect(labelled.code, labelled.stderr).toBe(0)
    }
    before = everythingElse()
  })

  test('up as that user ends verified, and touches nothing of others', async () => {
    const begun = performance.now()
    const up = cloud.withFile('up', '--output', 'json')
    expect(resultOf(up).ok, failures(up)).toBe(true)
    process.stdout.write(`up on somebody else's nodes: ${((performance.now() - begun) / second).toFixed(0)} s\n`)
    const touched = difference(before, everythingElse())
    expect(touched.filter((key) => !theirs.test(key))).toEqual([
      'CustomResourceDefinition /clusterquotas.croque.dev',
      'CustomResourceDefinition /clusters.croque.dev',
      'CustomResourceDefinition /clustertemplates.croque.dev',
      'CustomResourceDefinition /nodegroups.croque.dev',
      'PriorityClass /croque-infrastructure',
      'PriorityClass /croque-node-agent',
      'PriorityClass /croque-service',
    ])
    const opened = {
      underlay: {},
      rendering: { namespace },
      cloud: {
        spec: {
          endpoints: { host: `${cloud.name}.croque.local`, port: publicPort, tls: { source: 'generated' } },
          region: 'RegionOne',
        },
      },
    } as unknown as Opened
    openstack = adminSession(await credentials(opened, admin), signal, { way: wayOf(opened, admin) })
    await noPlan()
  })

  test('guests on both compute nodes talk through the tunnel, and their floating IPs answer', async () => {
    const [first] = await openstack.compute.servers.list('croque-verify')
    verify = await guestOf(first?.id ?? '')
    other = await makeGuest('other', first?.host === compute ? network : compute)
    await Promise.all([answers(verify), answers(other)])
    await talk(verify, other)
  })

  test('a guest moves to the other node while its floating IP answers, and back', async () => {
    const from = (await hostOf(verify.id)) ?? ''
    for (const to of [from === compute ? network : compute, from]) {
      const watched = watchGuest(outside, verify.floating)
      const begun = performance.now()
      await migrate(verify, to)
      const seconds = (performance.now() - begun) / second
      await answers(verify)
      const { gap } = await watched.stop()
      process.stdout.write(
        `live migration took ${seconds.toFixed(1)} s; the guest was silent for ${(gap / second).toFixed(1)} s at most\n`,
      )
      expect(gap).toBeLessThan(30 * second)
    }
    await talk(verify, other)
  })

  test('a compute node is drained and back', async () => {
    const asAdmin = (...args: readonly string[]): void => {
      const ran = cloud.run('node', ...args, '--file', at('admin.yaml'), '--output', 'json')
      expect(resultOf(ran).ok, failures(ran)).toBe(true)
    }
    expect((await openstack.compute.servers.all()).map(({ host }) => host)).toContain(compute)
    asAdmin('drain', compute)
    expect((await openstack.compute.servers.all()).map(({ host }) => host)).not.toContain(compute)
    expect(await servicesUp()).toEqual([network])
    await talk(verify, other)
    asAdmin('uncordon', compute)
    await expect.poll(servicesUp, patience).toEqual([network, compute].sort())
    await migrate(other, compute)
    await answers(other)
  })

  test('the node of the control plane is drained and back, and guests notice nothing', async () => {
    const watched = watchGuest(outside, other.floating)
    const alone = cloud.run('node', 'drain', control, '--file', at('admin.yaml'), '--output', 'json')
    expect(alone.stdout).toContain('"code":"node-not-drained"')
    for (const args of [
      ['drain', control, '--yes'],
      ['uncordon', control],
    ]) {
      const done = cloud.run('node', ...args, '--file', at('admin.yaml'), '--output', 'json')
      expect(resultOf(done).ok, failures(done)).toBe(true)
    }
    const ran = cloud.withFile('up', '--skip-verify', '--output', 'json')
    expect(resultOf(ran).ok, failures(ran)).toBe(true)
    const { gap } = await watched.stop()
    process.stdout.write(
      `the control plane was drained; a guest was silent for ${(gap / second).toFixed(1)} s at most\n`,
    )
    // A gap of a loaded machine, not of a guest that is moved or made anew.
    expect(gap).toBeLessThan(30 * second)
    await expect.poll(servicesUp, patience).toEqual([network, compute].sort())
    await noPlan()
  })

  test('a node that was cut off comes back with its guests', async () => {
    const there = await names()
    const links = (state: string): string =>
      ['node3', 'node3t'].map((link) => `ip link set ${link} ${state}\n`).join('')
    const switched = async (state: string): Promise<unknown> =>
      await run('nsenter', [`--net=${join(stateDir, 'netns/switch')}`, 'sh', '-eu'], { input: links(state) })
    const ready = (): string =>
      kubectl(['get', 'node', compute, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'])
    await switched('down')
    await expect.poll(ready, patience).toBe('Unknown')
    expect(asked(outside, `http://${other.floating}/`)).toBe('')
    await sleep(20 * second)
    await switched('up')
    await expect.poll(ready, patience).toBe('True')
    await answers(other)
    await expect.poll(servicesUp, patience).toEqual([network, compute].sort())
    await expect.poll(agentsDown, patience).toBe(0)
    await talk(verify, other)
    await noPlan()
    expect(await names()).toEqual(there)
  })

  test('the public APIs are at a port of every node, at the nodes themselves, at the address of a load balancer', async () => {
    const nodeOf = (name: string): string =>
      kubectl(['get', 'node', name, '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'])
    const version = (address: string): void =>
      expect(asked(outside, `https://${address}/identity/v3`)).toContain('"version"')
    const service = '{.spec.type} {.spec.ports[0].nodePort}'
    const seen = (): readonly string[] =>
      kubectl(['-n', namespace, 'get', 'service', 'gateway-proxy', '-o', `jsonpath=${service}`]).split(' ')
    const [type, port] = seen()
    expect(type).toBe('NodePort')
    for (const node of [control, compute]) version(`${nodeOf(node)}:${port}`)

    upAgain({ exposure: 'HostNetwork' })
    version(`${nodeOf(control)}:${publicPort}`)

    writeFileSync(cloud.document, documentFor('tenant', { exposure: 'LoadBalancer' }))
    const balancing = cloud.startUp(() => undefined)
    await expect.poll(() => seen()[0], patience).toBe('LoadBalancer')
    const status = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } }
    await admin.patch({ apiVersion: 'v1', kind: 'Service', namespace, name: 'gateway-proxy' }, status, {
      subresource: 'status',
    })
    expect(await balancing.ended).toBe(0)
    await noPlan()
  })

  test('without the registry the plan is empty, and a Pod that ended comes back from what its node has', async () => {
    await registry.kill()
    await noPlan()
    const select = ['-n', namespace, 'get', 'pod', '-l', 'croque.dev/component=placement.api']
    const pod = kubectl([...select, '-o', 'name']).trim()
    kubectl(['-n', namespace, 'delete', pod])
    const ready = (): string =>
      kubectl([...select, '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'])
    await expect.poll(ready, patience).toBe('True')
  })

  test('down leaves the cluster as it was', async () => {
    const down = cloud.withFile('down', '--yes', '--output', 'json')
    expect(resultOf(down).ok, failures(down)).toBe(true)
    await expect
      .poll(() => difference(before, everythingElse()).filter((key) => !theirs.test(key)), patience)
      .toEqual([])
    for (const node of [network, compute]) {
      const left = await run('nsenter', [`--net=${join(stateDir, 'netns', node)}`, 'ip', '-o', 'link'])
      expect(left.stdout).not.toMatch(/br-int|br-ex|tap/)
    }
  })
})
