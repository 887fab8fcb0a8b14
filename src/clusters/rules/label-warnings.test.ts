import { expect, test } from 'vitest'
import { labelTable, labelWarnings } from './index.ts'
import { checkLabels } from './label-warnings.ts'
import { Refusal } from './refusal.ts'

test.each([
  ['read', { kube_tag: 'v1.34.2' }, 'kubernetes', []],
  [
    'misspelt',
    { kube_tga: 'v1.34.2' },
    'kubernetes',
    ['Label "kube_tga" is unknown and has no effect; did you mean --labels kube_tag=v1.34.2?'],
  ],
  ['like nothing', { colour: 'blue' }, 'kubernetes', ['Label "colour" is unknown and has no effect.']],
  [
    'of the Heat driver',
    { heat_container_agent_tag: 'wallaby-stable-1' },
    'kubernetes',
    ['Label "heat_container_agent_tag" has no effect: it belongs to Fedora images, which no driver here uses.'],
  ],
  [
    'of the other orchestrator',
    { kube_tag: 'v1' },
    'swarm-mode',
    ['Label "kube_tag" has no effect on a swarm-mode cluster.'],
  ],
  ['of servers, for any orchestrator', { availability_zone: 'az1' }, 'swarm-mode', []],
  [
    'no boolean',
    { audit_log_enabled: 'yess' },
    'kubernetes',
    ['Label "audit_log_enabled" is "yess" and is taken as false; write true or false.'],
  ],
  ['a boolean of Python', { audit_log_enabled: 'True' }, 'kubernetes', []],
  ['of an add-on that is not wanted', { npd_enabled: 'False' }, 'kubernetes', []],
  [
    'of an add-on that is wanted',
    { npd_enabled: 'true' },
    'kubernetes',
    ['Label "npd_enabled" has no effect: the driver does not install it; apply its manifests with kubectl.'],
  ],
  [
    'of an add-on whose image is nowhere',
    { metrics_server_enabled: 'true' },
    'kubernetes',
    ['Label "metrics_server_enabled" has no effect without container_infra_prefix.'],
  ],
  ['of an add-on that is not wanted, nowhere', { metrics_server_enabled: 'false' }, 'kubernetes', []],
  [
    'about what is not there',
    { boot_volume_type: 'fast', boot_volume_size: '0' },
    'kubernetes',
    ['Label "boot_volume_type" has no effect without boot_volume_size.'],
  ],
  ['about what is there', { boot_volume_type: 'fast', boot_volume_size: '10' }, 'kubernetes', []],
  ['named like a method', { constructor: 'x' }, 'kubernetes', ['Label "constructor" is unknown and has no effect.']],
] as const)('a label that is %s', (_, labels, coe, warnings) => {
  expect(labelWarnings(labels, coe)).toEqual(warnings)
})

test('every label of the table has one verdict, and words that fit into a sentence', () => {
  for (const [name, { verdict, says, example, needs = [] }] of labelTable) {
    expect([name, example !== undefined]).toEqual([name, verdict === 'honoured'])
    expect([name, says]).toEqual([name, expect.stringMatching(/^\S.*[^.]$/) as string])
    expect([name, needs.filter((each) => labelTable.get(each)?.verdict !== 'honoured')]).toEqual([name, []])
  }
})

test('what is not served is refused', () => {
  expect(() => checkLabels({ extra_network_names: 'storage' })).toThrow(
    /extra_network_names is not served: nodes have one/,
  )
})

test.each([
  ['boot_volume_size', '10', true],
  ['boot_volume_size', 'big', false],
  ['min_node_count', '-1', false],
  ['kube_tag', 'big', true],
])('%s=%s', (name, value, ok) => {
  const check = (): void => checkLabels({ [name]: value })
  if (ok) expect(check).not.toThrow()
  else expect(check).toThrow(Refusal)
})
