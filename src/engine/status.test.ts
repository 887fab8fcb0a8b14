import { expect, test } from 'vitest'
import { type KubeObject, keyOf, refOf } from '../kube/index.ts'
import type { Rendering } from '../render/index.ts'
import { summarise } from './status.ts'

const agent: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent', namespace: 'cloud', generation: 2 },
  spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy: { type: 'OnDelete' } },
}
const rendering: Rendering = {
  namespace: 'cloud',
  ownLabels: {},
  units: [
    { id: 'a/agent', kind: 'component', title: 'agent', needs: [], secrets: [], objects: [agent], timeoutSeconds: 1 },
  ],
}
const seen = (status: object) => {
  const live = { ...agent, status: { observedGeneration: 2, desiredNumberScheduled: 2, numberAvailable: 2, ...status } }
  return summarise(rendering, {
    objects: new Map([[keyOf(refOf(agent)), live]]),
    around: { now: 0, pods: () => [], waitNote: () => undefined, mountNote: () => undefined },
  })
}

test('Pods of an older template are well, and told with what renews them', () => {
  expect(seen({ updatedNumberScheduled: 1 })).toMatchObject({
    healthy: true,
    units: [
      {
        state: 'ready',
        reason: '2 of 2 Pods ready',
        notes: [
          'DaemonSet agent: 1 Pod is of an older template and stays until deleted by hand: ./croque kubectl -n cloud delete pod -l app=agent --field-selector spec.nodeName=NODE',
        ],
      },
    ],
  })
  expect(seen({ updatedNumberScheduled: 2 }).units[0]?.notes).toEqual([])
})

test('what is ready and ill is not healthy; what is worth a warning is', () => {
  const ready = { observedGeneration: 2, desiredNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 2 }
  const live = { ...agent, status: ready }
  const snapshot = {
    objects: new Map([[keyOf(refOf(agent)), live]]),
    around: { now: 0, pods: () => [], waitNote: () => undefined, mountNote: () => undefined },
  }
  const told = (state: 'warning' | 'error') => {
    const health = { state, summary: 'so so', details: ['one is down'] }
    return summarise(rendering, snapshot, new Map([['a/agent', health]]))
  }
  expect(told('warning')).toMatchObject({ healthy: true, units: [{ health: { summary: 'so so' } }] })
  expect(told('error')).toMatchObject({ healthy: false, summary: '1 of 1 parts are ready, a/agent not well' })
})
