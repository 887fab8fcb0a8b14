/** What nodes are told, read by the programs that it is for: everything that labels can say of a control plane at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { controlPlaneOf } from '../../src/clusters/drivers/heat/control-plane.ts'
import { nodeSettings } from '../../src/clusters/drivers/heat/node-settings.ts'
import { ordersOf } from '../../src/clusters/drivers/heat/orders.ts'
import { clusterSpecFixture, templateSpecFixture } from '../../src/clusters/model/fixture.ts'
import { labelTable } from '../../src/clusters/rules/index.ts'
import { run } from '../../src/host/index.ts'
import { ensureBinaries } from '../../src/images/index.ts'

let directory: string
let programs: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-orders-'))
  const shop = {
    cacheDir: process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque',
    repoDir: resolve(import.meta.dirname, '../..'),
    env: process.env as Record<string, string>,
  }
  ;({ dir: programs } = await ensureBinaries(shop, { signal: new AbortController().signal, say: () => undefined }))
})
afterAll(async () => await rm(directory, { recursive: true, force: true }))

/** The flags of the table, and for kube-proxy all that it can be told. */
const labels = {
  ...Object.fromEntries(
    [...labelTable].flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example]])),
  ),
  oidc_client_id: 'y',
  kubeproxy_options:
    '--proxy-mode=iptables --metrics-bind-address=0.0.0.0:10249 --healthz-bind-address=0.0.0.0:10256 --nodeport-addresses=10.0.0.0/24 --config-sync-period=15m --feature-gates=AllBeta=true',
}

test('kubeadm takes the configuration of a control plane with everything that labels say', async () => {
  const template = templateSpecFixture({ externalNetworkId: 'public' })
  const settings = nodeSettings({ spec: clusterSpecFixture({ labels, template }) }, { labels, near: [] })
  const { files } = ordersOf({
    ...{ clusterName: 'demo', name: 'demo-master-0', role: 'master', group: 'group', labels: {}, taints: [], settings },
    ...{ address: '10.0.0.5', podRange: '10.100.0.0/24', kubernetesVersion: 'v1.35.4', apiNames: [], volumes: {} },
    ranges: { pods: '10.100.0.0/16', services: '10.254.0.0/16', dnsDomain: 'cluster.local' },
    api: { address: '10.0.0.5', port: 6443 },
    ...{ founds: true, secrets: {}, knowsKeystone: true },
  })
  const config = join(directory, 'kubeadm.yaml')
  await writeFile(config, files['/etc/croque/kubeadm.yaml'] ?? '')
  const { code, stdout, stderr } = await run(join(programs, 'kubeadm'), ['config', 'validate', '--config', config], {
    okCodes: [0, 1],
  })
  expect([code, stdout.trim()], stderr).toEqual([0, 'ok'])
  expect(stderr).not.toMatch(/unknown field|strict decoding/)
})

test('the API server knows every admission plugin that may be turned on, and no other', async () => {
  const refusal = ((): string => {
    try {
      controlPlaneOf({ admission_control_list: 'PodSecurityPolicy' })
      return ''
    } catch (error) {
      return String(error)
    }
  })()
  const known = refusal.replace(/^.*there are /, '').split(', ')
  expect(known.length).toBeGreaterThan(20)
  const flags = [`--enable-admission-plugins=${[...known, 'PodSecurityPolicy'].join()}`, '--secure-port=0']
  const { code, stderr } = await run(join(programs, 'kube-apiserver'), flags, { okCodes: [0, 1] })
  const unknown = [...stderr.matchAll(/enable-admission-plugins plugin \\"(\w+)\\" is unknown/g)].map(
    ([, name]) => name,
  )
  expect([code, unknown]).toEqual([1, ['PodSecurityPolicy']])
})
