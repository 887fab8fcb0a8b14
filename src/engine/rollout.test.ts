import { expect, test } from 'vitest'
import type { KubeObject } from '../kube/index.ts'
import { rollsOut, withoutHashes } from './rollout.ts'

const workload = (type: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: { updateStrategy: { type } },
})
const hash = { path: 'spec.template.metadata.annotations.croque.dev/config-hash', before: 'a1', after: 'b2' }
const image = { path: 'spec.template.spec.containers[a].image', before: 'a:1', after: 'a:2' }

test('a changed hash is told as what it means', () => {
  expect(rollsOut(workload('RollingUpdate'), [image, hash])).toEqual(['it rolls out because its configuration changes'])
  expect(rollsOut(workload('OnDelete'), [hash])).toEqual(['its configuration changes'])
  expect(withoutHashes([image, hash])).toEqual([image])
})

test('a hash that comes or goes is a difference like any other', () => {
  const fresh = { ...hash, before: undefined }
  expect(rollsOut(workload('RollingUpdate'), [fresh, image])).toEqual([])
  expect(withoutHashes([fresh, image])).toEqual([fresh, image])
})
