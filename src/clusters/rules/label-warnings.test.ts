import { expect, test } from 'vitest'
import { labelTable, labelWarnings } from './index.ts'
import { checkLabelNumbers } from './label-warnings.ts'
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
  [
    'no boolean',
    { monitoring_enabled: 'yess' },
    'kubernetes',
    ['Label "monitoring_enabled" is "yess" and is taken as false; write true or false.'],
  ],
  ['a boolean of Python', { monitoring_enabled: 'True' }, 'kubernetes', []],
  ['named like a method', { constructor: 'x' }, 'kubernetes', ['Label "constructor" is unknown and has no effect.']],
] as const)('a label that is %s', (_, labels, coe, warnings) => {
  expect(labelWarnings(labels, coe)).toEqual(warnings)
})

test('every label of the table says who reads it, or why nobody does', () => {
  for (const [name, { coes, reason }] of labelTable) {
    expect([name, coes.length > 0, reason === undefined]).toEqual([name, reason === undefined, coes.length > 0])
  }
})

test.each([
  ['boot_volume_size', '10', true],
  ['boot_volume_size', 'big', false],
  ['min_node_count', '-1', false],
  ['kube_tag', 'big', true],
])('%s=%s', (name, value, ok) => {
  const check = (): void => checkLabelNumbers({ [name]: value })
  if (ok) expect(check).not.toThrow()
  else expect(check).toThrow(Refusal)
})
