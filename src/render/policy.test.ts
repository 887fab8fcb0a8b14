import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadCloud } from '../spec/index.ts'
import { knownServices, render } from './index.ts'

const site = { images: {}, virtType: 'qemu', datapath: 'netdev' } as const

const load = (policy: string) =>
  loadCloud(`apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n  services:\n${policy}`, {
    file: 'cloud.yaml',
    knownServices,
  })

test('every component of the service that asks its policies reads the rules of the document, no other does', () => {
  const rule = 'os_compute_api:servers:create'
  const loaded = load(`    nova:\n      policy:\n        ${rule}: role:admin\n`)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { units } = render(loaded.cloud, site).rendering
  const told = units.flatMap(({ id, objects }) =>
    objects
      .filter(({ kind }) => kind === 'ConfigMap')
      .map((object) => (object['data'] as Record<string, string>)['policy.yaml'])
      .filter((text) => text !== undefined)
      .map((text) => [id, parse(text)]),
  )
  const components = ['api', 'metadata', 'conductor', 'scheduler', 'novncproxy', 'compute'].map(
    (name) => `nova/${name}`,
  )
  expect(told.sort()).toEqual(components.sort().map((id) => [id, { [rule]: 'role:admin' }]))
  const api = units.find(({ id }) => id === 'nova/api')
  expect(JSON.stringify(api?.objects)).toContain(
    '{"name":"OS_OSLO_POLICY__POLICY_FILE","value":"/var/lib/kolla/config_files/policy.yaml"}',
  )
})

test.each([
  ['a rule of no such name', 'nova', 'os_compute_api:servers:creat', 'role:admin', 'os_compute_api:servers:create'],
  ['a check that cannot be read', 'nova', 'os_compute_api:servers:create', 'role:admin and', undefined],
  ['a reference to nothing', 'neutron', 'create_network', 'rule:admin_onlyy', 'admin_only'],
])('%s is refused where it stands', (_, service, rule, text, suggestion) => {
  const loaded = load(`    ${service}:\n      policy:\n        ${rule}: ${text}\n`)
  if (loaded.ok) throw new Error('it was taken')
  expect(loaded.diagnostics).toEqual([expect.objectContaining({ severity: 'error', file: 'cloud.yaml', line: 7 })])
  expect(loaded.diagnostics[0]?.suggestion).toBe(suggestion)
})

test('a service without policies has no rules to change', () => {
  const loaded = load('    mariadb:\n      policy:\n        a: role:admin\n')
  expect(loaded.ok ? [] : loaded.diagnostics).toEqual([expect.objectContaining({ line: 6 })])
})
