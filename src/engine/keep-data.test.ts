import { expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import type { KubeObject } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import type { Change } from './change.ts'
import { refuseLoss } from './keep-data.ts'

const store = (replicas: number, annotations = { 'croque.dev/holds-data': 'empty it' }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'store', namespace: 'cloud', annotations },
  spec: { replicas },
})
const rendering = (...objects: readonly KubeObject[]): Rendering => ({
  namespace: 'cloud',
  ownLabels: {},
  units: [{ id: 'a/store', kind: 'component', title: 'store', needs: [], secrets: [], objects, timeoutSeconds: 1 }],
})
const ref = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'store', namespace: 'cloud' }
const change = (action: Change['action'], live: KubeObject, replicas?: readonly [number, number]): Change => ({
  action,
  ref,
  reasons: [],
  diff: replicas === undefined ? [] : [{ path: 'spec.replicas', before: replicas[0], after: replicas[1] }],
  drift: false,
  live,
})
const bare = store(3, {} as never)

test.each([
  ['fewer Pods', rendering(store(2)), change('configured', store(3), [3, 2]), 'would have 2 Pods in place of 3'],
  ['fewer, of before it said so', rendering(store(2)), change('configured', bare, [3, 2]), 'would have 2 Pods'],
  ['fewer, made anew', rendering(store(2)), change('replaced', store(3), [3, 2]), 'would have 2 Pods'],
  ['left out of the document', rendering(), change('deleted', store(3)), 'StatefulSet/cloud/store would be deleted'],
])('refuses %s, with the way out', (_case, desired, planned, what) => {
  const refused = (): void => refuseLoss(desired, [planned])
  expect(refused).toThrow(CroqueError)
  expect(refused).toThrow(expect.objectContaining({ code: 'data-held', message: expect.stringContaining(what) }))
  expect(refused).toThrow(expect.objectContaining({ next: expect.stringContaining('empty it') }))
})

test.each([
  ['more Pods', rendering(store(4)), change('configured', store(3), [3, 4])],
  ['what changes but its number', rendering(store(3)), change('configured', store(3))],
  ['what somebody has emptied', rendering(), change('deleted', store(0))],
  ['what holds nothing', rendering(), change('deleted', bare)],
])('lets pass %s', (_case, desired, planned) => {
  expect(() => refuseLoss(desired, [planned])).not.toThrow()
})
