import { expect, test } from 'vitest'
import type { KubeObject } from '../kube/index.ts'
import { leftOver, renewal } from './by-hand.ts'

const workload = (kind: string, type: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'agent', namespace: 'cloud' },
  spec: { selector: { matchLabels: { app: 'agent', part: 'a' } }, updateStrategy: { type } },
})
const changed = (path: string) => [{ path, before: 'a', after: 'b' }]

test.each([
  ['a Pod template that nobody rolls out', 'OnDelete', 'spec.template.spec.containers[main].image', 1],
  ['the template as a whole', 'OnDelete', 'spec.template', 1],
  ['another field', 'OnDelete', 'spec.templateGeneration', 0],
  ['a template that is rolled out', 'RollingUpdate', 'spec.template.spec.containers[main].image', 0],
])('a change of %s', (_case, type, path, sentences) => {
  expect(leftOver(workload('DaemonSet', type), changed(path))).toHaveLength(sentences)
})

test('says what is left to do, and how', () => {
  expect(leftOver(workload('DaemonSet', 'OnDelete'), changed('spec.template.spec'))).toEqual([
    'its running Pods keep the old template until somebody deletes them: ./croque kubectl -n cloud delete pod -l app=agent,part=a --field-selector spec.nodeName=NODE',
  ])
  expect(renewal(workload('StatefulSet', 'OnDelete'))).toBe('./croque kubectl -n cloud delete pod -l app=agent,part=a')
})
