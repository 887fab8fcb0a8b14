import { expect, test } from 'vitest'
import type { KubeObject } from '../../kube/index.ts'
import { simulatedClock } from '../clock/index.ts'
import { clusterSpecFixture } from '../model/fixture.ts'
import type { Cluster } from '../model/index.ts'
import { createEventTeller } from './events.ts'

const cluster: Cluster = { uuid: 'c', uid: 'uid', resourceVersion: '7', spec: clusterSpecFixture(), status: {} }

function teller(limit?: number) {
  const written: KubeObject[] = []
  const state = { broken: false, gate: Promise.resolve() }
  let ids = 0
  const failures: string[] = []
  const made = createEventTeller({
    kube: {
      create: async (object) => {
        await state.gate
        if (state.broken) throw new Error('away')
        written.push(object)
        return object
      },
    },
    namespace: 'clusters',
    clock: simulatedClock(),
    newId: () => `id-${++ids}`,
    instance: 'replica-1',
    onFailure: (error) => failures.push(String(error)),
    ...(limit === undefined ? {} : { limit }),
  })
  const notes = () =>
    written.map((event) => `${String(event['type'])} ${String(event['reason'])}: ${String(event['note'])}`)
  return { ...made, written, state, failures, notes }
}

test('an Event is complete, and is about the Cluster', async () => {
  const { story, drained, written } = teller()
  story({ what: 'waits', cluster, nodeGroups: [], for: '2 of 3 servers' })
  await drained()
  expect(written).toEqual([
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'clusters', name: 'c.id-1' },
      eventTime: '2026-11-28T16:00:00.000000Z',
      reportingController: 'croque.dev/clusters',
      reportingInstance: 'replica-1',
      type: 'Normal',
      reason: 'Waiting',
      action: 'Create',
      note: 'Waiting for 2 of 3 servers',
      regarding: {
        apiVersion: 'croque.dev/v1alpha1',
        kind: 'Cluster',
        namespace: 'clusters',
        name: 'c',
        uid: 'uid',
        resourceVersion: '7',
      },
    },
  ])
})

test('nothing is told twice in a row, and everything in its order', async () => {
  const { story, drained, notes } = teller()
  const told = { cluster, nodeGroups: [] }
  story({ ...told, what: 'began' })
  story({ ...told, what: 'hindered', reason: '503' })
  story({ ...told, what: 'hindered', reason: '503' })
  story({ ...told, what: 'failed', reason: 'no' })
  story({ ...told, what: 'health-changed', from: 'HEALTHY', to: 'UNHEALTHY' })
  await drained()
  expect(notes()).toEqual([
    'Normal CreateBegan: Began to create cluster demo',
    'Warning Hindered: Tried again: 503',
    'Warning CreateFailed: no',
    'Warning Unhealthy: The cluster is UNHEALTHY, it was HEALTHY',
  ])
})

test('while nothing can be written, only the newest are kept', async () => {
  const { story, drained, notes, state } = teller(3)
  let open = (): void => undefined
  state.gate = new Promise((resolve) => {
    open = resolve
  })
  for (let i = 0; i < 10; i++) story({ what: 'waits', cluster, nodeGroups: [], for: `${i}` })
  open()
  await drained()
  expect(notes()).toEqual(['0', '7', '8', '9'].map((i) => `Normal Waiting: Waiting for ${i}`))
})

test('an Event that cannot be written hinders nobody', async () => {
  const { story, drained, state, failures } = teller()
  state.broken = true
  story({ what: 'began', cluster, nodeGroups: [] })
  await drained()
  state.broken = false
  expect(failures).toEqual(['Error: away'])
})

test('a long note is cut to what an Event may hold', async () => {
  const { story, drained, written } = teller()
  story({ what: 'failed', cluster, nodeGroups: [], reason: 'x'.repeat(5000) })
  await drained()
  expect(String(written[0]?.['note'])).toHaveLength(1024)
})

test('of what the API says, only refusals are news', async () => {
  const { notify, drained, notes } = teller()
  notify(cluster, { eventType: 'magnum.cluster.update', priority: 'INFO', payload: {} })
  notify(cluster, { eventType: 'magnum.cluster.update', priority: 'ERROR', payload: {} })
  await drained()
  expect(notes()).toEqual(['Warning UpdateRefused: The API refused to update cluster demo in its status'])
})
