import { expect, test } from 'vitest'
import type { NodeGroup } from '../model/index.ts'
import { ids, made, templateFixture } from './fixture.ts'
import { compareVersions, parseVersion, upgraded } from './index.ts'

const newer = '20000000-0000-4000-8000-000000000009'
const running = (tag: string) => made({}, { labels: { kube_tag: tag, monitoring_enabled: 'true' } })
const to = (tag: string) =>
  templateFixture(
    { name: 'newer', labels: { kube_tag: tag, ingress_controller: 'nginx' }, imageId: 'new-image' },
    newer,
  )
const imageOf = (): string => 'debian-13'

test('both default groups move to the template: its image and its versions, the other labels stay', () => {
  const { cluster, groups } = running('v1.33.1')
  const { cluster: spec, nodeGroups } = upgraded({ cluster, groups, template: to('v1.34.0'), imageOf })
  expect(spec).toMatchObject({
    templateId: newer,
    template: { name: 'newer' },
    labels: { kube_tag: 'v1.34.0', monitoring_enabled: 'true' },
  })
  expect(spec.labels).not.toHaveProperty('ingress_controller')
  expect(
    nodeGroups.map(({ uuid, spec: group }) => [uuid, group.templateId, group.imageId, group.labels['kube_tag']]),
  ).toEqual([
    [ids.master, newer, 'new-image', 'v1.34.0'],
    [ids.worker, newer, 'new-image', 'v1.34.0'],
  ])
})

test.each([
  ['v1.34.2', 'v1.34.2', undefined],
  ['v1.34.2', 'v1.35.0', undefined],
  ['v1.34.2', 'v1.34.1', 'Kubernetes does not go back. Choose a template with kube_tag v1.34.2 or newer.'],
  [
    'v1.33.4',
    'v1.35.0',
    'so v1.33 or v1.34 is allowed. Upgrade with a template of v1.34 first: openstack coe cluster upgrade demo TEMPLATE',
  ],
  ['v1.34.2', 'v2.0.0', 'one minor version at a time'],
  ['devel', 'v1.35.0', undefined],
  ['v1.34.2', 'devel', undefined],
])('from %s to %s', (from, tag, refusal) => {
  const { cluster, groups } = running(from)
  const upgrade = () => upgraded({ cluster, groups, template: to(tag), imageOf })
  if (refusal === undefined) expect(upgrade).not.toThrow()
  else expect(upgrade).toThrow(refusal)
})

test('add-ons stay as they are: an upgrade takes over their versions, and says so where the template wants otherwise', () => {
  const { cluster, groups } = made(
    {},
    { labels: { metrics_server_enabled: 'true', metrics_server_chart_tag: '3.12.2', container_infra_prefix: 'a/' } },
  )
  const labels = { metrics_server_enabled: 'false', metrics_server_chart_tag: '3.13.1', cinder_csi_enabled: 'true' }
  const upgrade = (changes: Readonly<Record<string, string>>) =>
    upgraded({ cluster, groups, template: templateFixture({ labels: { ...labels, ...changes } }, newer), imageOf })
      .cluster
  expect(upgrade({}).labels).toMatchObject({ metrics_server_enabled: 'true', metrics_server_chart_tag: '3.13.1' })
  expect(upgrade({}).warnings).toEqual([
    expect.stringMatching(/^Label "metrics_server_enabled" is "false" in the template .*: metrics-server stays where/),
    expect.stringMatching(
      /^Label "cinder_csi_enabled" is "true" in the template .*: an upgrade does not install cinder/,
    ),
  ])
  expect(upgrade({ metrics_server_enabled: 'yes', cinder_csi_enabled: 'no' }).warnings).toEqual([])
})

test('what runs counts, not what was asked for', () => {
  const { cluster, groups } = running('v1.30.0')
  const seen = { ...cluster, status: { ...cluster.status, coeVersion: 'v1.34.1' } }
  expect(() => upgraded({ cluster: seen, groups, template: to('v1.35.0'), imageOf })).not.toThrow()
})

function extra(version: string): NodeGroup {
  const { groups } = running('v1.31.0')
  const [, worker] = groups
  if (worker === undefined) throw new Error('no worker')
  return {
    ...worker,
    uuid: 'extra',
    spec: { ...worker.spec, name: 'extra', isDefault: false, imageId: 'own' },
    status: { version },
  }
}

test('nodes that would be too far behind have to go first', () => {
  const { cluster, groups } = running('v1.34.2')
  const upgrade = (version: string) => () =>
    upgraded({ cluster, groups: [...groups, extra(version)], template: to('v1.35.0'), imageOf })
  expect(upgrade('v1.32.9')).not.toThrow()
  expect(upgrade('v1.31.9')).toThrow('openstack coe cluster upgrade demo kubernetes --nodegroup extra')
})

test('a group of its own follows its cluster only, and keeps an image of its own', () => {
  const { cluster, groups } = running('v1.34.2')
  const group = extra('v1.34.2')
  const ask = { cluster, groups: [...groups, group], group, imageOf }
  expect(() => upgraded({ ...ask, template: to('v1.35.0') })).toThrow(
    "can be upgraded only to match cluster's template (kubernetes)",
  )
  const same = templateFixture({ labels: { kube_tag: 'v1.34.2' }, imageId: 'newest' })
  expect(upgraded({ ...ask, template: same }).nodeGroups).toMatchObject([
    { uuid: 'extra', spec: { imageId: 'own', labels: { kube_tag: 'v1.34.2' } } },
  ])
})

test.each([
  ['coe', { coe: 'swarm-mode' }],
  ['network_driver', { networkDriver: 'flannel' }],
  ['server_type', { serverType: 'bm' }],
  ['tls_disabled', { tlsDisabled: true }],
] as const)('%s cannot be changed by an upgrade', (name, changes) => {
  const { cluster, groups } = made()
  expect(() => upgraded({ cluster, groups, template: templateFixture(changes, newer), imageOf })).toThrow(name)
})

test.each([
  ['v1.34.2', { major: 1, minor: 34, patch: 2 }],
  ['1.34', { major: 1, minor: 34, patch: 0 }],
  ['v1.23.3-rancher1', { major: 1, minor: 23, patch: 3 }],
  ['latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s as a version', (text, version) => {
  expect(parseVersion(text)).toEqual(version)
})

test('versions are compared by number', () => {
  expect(compareVersions({ major: 1, minor: 9, patch: 0 }, { major: 1, minor: 10, patch: 0 })).toBeLessThan(0)
})
