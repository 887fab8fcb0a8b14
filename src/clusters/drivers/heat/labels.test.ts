/** The tables of labels and options say what the driver does: each is tried, on the templates that Heat gets and the orders that nodes get. */
import { expect, test } from 'vitest'
import { simulatedClock } from '../../clock/index.ts'
import type { Cluster, ClusterTemplateSpec, NodeGroup } from '../../model/index.ts'
import { made, templateFixture } from '../../rules/fixture.ts'
import { labelTable, Refusal, upgraded } from '../../rules/index.ts'
import { createHeatDriver } from './driver.ts'
import { PretendedCloud } from './fixture.ts'
import { judge } from './judge.ts'
import { optionTable } from './option-table.ts'
import type { StackBody } from './template.ts'

type Labels = Readonly<Record<string, string>>

const virtual = { image: {}, defaults: { bootVolumeSize: 0 } }
const template = (labels: Labels, changes: Partial<ClusterTemplateSpec> = {}): Partial<ClusterTemplateSpec> => ({
  ...{ externalNetworkId: 'public', networkDriver: 'flannel', dockerVolumeSize: 20, labels },
  ...changes,
})

/** All that comes of a cluster with these labels: the wishes that the API writes, what Heat is asked for, and what nodes are told. */
async function consequences(labels: Labels, changes: Partial<ClusterTemplateSpec> = {}): Promise<string> {
  const { cluster, groups } = made({}, template(labels, changes))
  const bounds = groups.map(({ spec }) => [spec.minNodeCount, spec.maxNodeCount])
  const text = JSON.stringify([bounds, upgradeOf(labels), await stacksAndOrders(cluster, groups)])
  // Names of credentials are drawn, and digests are of them too.
  return text.replaceAll(/nodes-[\da-f]{16}/g, 'nodes-drawn').replaceAll(/"[\da-f]{16}"/g, '"digest"')
}

async function stacksAndOrders(cluster: Cluster, nodeGroups: readonly NodeGroup[]): Promise<unknown> {
  const clock = simulatedClock()
  const cloud = new PretendedCloud(clock)
  cloud.services = ['load-balancer']
  const bodies: StackBody[] = []
  const driver = createHeatDriver({
    ...cloud.options(async () => undefined),
    cloudOf: (owner, signal) => {
      const whole = cloud.of(owner, signal, async () => undefined)
      return {
        ...whole,
        create: async (name, body, tags) => {
          bodies.push({ ...body, parameters: {} })
          await whole.create(name, body, tags)
        },
      }
    },
  })
  for (let calls = 0; calls < 50; calls += 1) {
    const progress = await driver.reconcile({ cluster, nodeGroups, signal: new AbortController().signal })
    if (progress.state === 'done') break
    if (progress.state === 'failed') throw new Error(progress.reason)
    await clock.advance(progress.afterMs)
  }
  const entries = Object.values((await cloud.ledger.read(cluster.uuid))?.nodes ?? {})
  const orders = entries.map(({ orders: { revision: _, ...told } }) => ({
    ...told,
    secrets: Object.keys(told.secrets),
  }))
  expect(orders).toHaveLength(2)
  return [bodies, orders]
}

/** What is said to an upgrade to a template without a label. */
function upgradeOf(labels: Labels): unknown {
  const { cluster, groups } = made({}, template(labels))
  const newer = templateFixture(template({ kube_tag: 'v1.35.4' }))
  try {
    return upgraded({ cluster, groups, template: newer, imageOf: () => undefined }).nodeGroups.length
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

/** What others need that say more about it. */
const base: Labels = {
  etcd_volume_size: '10',
  boot_volume_size: '10',
  oidc_issuer_url: 'https://other.test',
  oidc_client_id: 'other',
  audit_log_enabled: 'true',
  container_infra_prefix: 'mirror.test/',
  cloud_provider_enabled: 'true',
  cinder_csi_enabled: 'true',
  metrics_server_enabled: 'true',
  auto_scaling_enabled: 'true',
  kube_dashboard_enabled: 'true',
  monitoring_enabled: 'true',
  flannel_backend: 'vxlan',
}

const entries = [...labelTable]
/** No driver's; see `reconcile/reconciler.test.ts`. */
const ofTheReconciler = 'auto_healing_enabled'
const honoured = entries.flatMap(([name, { verdict, example = '' }]) =>
  verdict === 'honoured' && name !== ofTheReconciler ? [[name, example] as const] : [],
)

test.each(honoured)('%s=%s changes what comes of a cluster', async (name, example) => {
  // The one name goes before the other; what is said already is said otherwise, or not.
  const hidden = name === 'etcd_blockdevice_size' ? 'etcd_volume_size' : base[name] === example ? name : ''
  const { [hidden]: _, ...before } = base
  const networkDriver = /^(calico|cilium)/.exec(name)?.[0] ?? 'flannel'
  const changes = { masterLbEnabled: name.startsWith('octavia_'), networkDriver }
  expect(await consequences({ ...before, [name]: example }, changes)).not.toBe(await consequences(before, changes))
})

test('labels that are said to have no effect have none', async () => {
  const others = entries.flatMap(([name, { verdict }]) => (verdict === 'unused' ? [[name, 'x'] as const] : []))
  expect(await consequences({ ...base, ...Object.fromEntries(others) })).toBe(await consequences(base))
})

test.each(entries.flatMap(([name, { verdict }]) => (verdict === 'refused' ? [name] : [])))(
  '%s is refused before a cluster is made',
  (name) => {
    expect(() => made({ labels: { [name]: 'x' } })).toThrow(Refusal)
  },
)

type Said = readonly [option: string, said: Partial<ClusterTemplateSpec>]

const honouredOptions: readonly Said[] = [
  ['dns_nameserver', { dnsNameserver: '192.0.2.53' }],
  ['image_id', { imageId: 'other' }],
  ['flavor_id', { flavorId: 'other' }],
  ['master_flavor_id', { masterFlavorId: 'other' }],
  ['external_network_id', { externalNetworkId: 'other' }],
  ['floating_ip_enabled', { floatingIpEnabled: false }],
  ['master_lb_enabled', { masterLbEnabled: true }],
  ['fixed_network', { fixedNetwork: 'net', fixedSubnet: 'sub' }],
  ['apiserver_port', { apiserverPort: 8443 }],
  ['http_proxy', { httpProxy: 'http://proxy.test:3128' }],
  ['https_proxy', { httpsProxy: 'http://proxy.test:3128' }],
  ['docker_volume_size', { dockerVolumeSize: 5 }],
  ['insecure_registry', { insecureRegistry: 'registry.test:5000' }],
]

test.each(honouredOptions)('the option %s changes what comes of a cluster', async (_, said) => {
  expect(await consequences({}, said)).not.toBe(await consequences({}))
})

const askedFor: readonly Said[] = [
  ['dns_nameserver', { fixedNetwork: 'net', fixedSubnet: 'sub', dnsNameserver: '192.0.2.53' }],
  ['floating_ip_enabled', { externalNetworkId: undefined, fixedNetwork: 'net', fixedSubnet: 'sub' }],
  ['network_driver', { networkDriver: 'calico' }],
  ['volume_driver', { volumeDriver: 'cinder' }],
  ['docker_storage_driver', { dockerStorageDriver: 'devicemapper', dockerVolumeSize: 5 }],
  ['registry_enabled', { registryEnabled: true }],
  ['tls_disabled', { tlsDisabled: true }],
]

test.each(askedFor)('whoever asks for %s is told what becomes of it', (option, said) => {
  const { cluster } = made({}, template({}, said))
  const { refusal, warnings } = judge(cluster.spec, virtual)
  const entry = optionTable.find(({ name, isAsked }) => name === option && isAsked !== undefined)
  const texts = entry?.verdict === 'refused' ? [refusal] : warnings
  expect(texts).toEqual(expect.arrayContaining([expect.stringContaining(option) as string]))
  expect(judge(made({}, template({})).cluster.spec, virtual)).toEqual({ warnings: [] })
})

test('every option that is not honoured is tried here', () => {
  const conditional = optionTable.flatMap(({ name, isAsked }) => (isAsked === undefined ? [] : [name]))
  const ofClusters = ['discovery_url', 'keypair']
  expect(conditional.filter((name) => !ofClusters.includes(name)).sort()).toEqual(askedFor.map(([name]) => name).sort())
  const { cluster } = made({ discoveryUrl: 'https://discovery.test' }, template({}))
  expect(judge(cluster.spec, virtual).warnings).toEqual([expect.stringMatching(/^Option discovery_url has no effect/)])
  const { spec } = made({}, template({})).cluster
  const withKey = (publicKey: string): readonly string[] => judge({ ...spec, publicKey }, virtual).warnings
  expect(withKey('-----BEGIN CERTIFICATE-----')).toEqual([expect.stringMatching(/^Option keypair has no effect/)])
  expect(withKey('ecdsa-sha2-nistp256 AAAA')).toEqual([])
})
