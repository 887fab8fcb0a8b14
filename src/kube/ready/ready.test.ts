import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../object.ts'
import { judge, type Surroundings } from './index.ts'

const now = Date.parse('2026-01-01T00:01:00Z')
const at = (seconds: number): string => new Date(now - seconds * 1000).toISOString()

function around(pods: readonly KubeObject[] = [], note?: string, mountNote?: string): Surroundings {
  return { now, pods: () => pods, waitNote: () => note, mountNote: () => mountNote }
}

function object(apiVersion: string, kind: string, spec: unknown, status: unknown, generation = 1): KubeObject {
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'n', generation }, spec, status }
}

const selector = { matchLabels: { app: 'x' } }
const deployment = (status: object, generation = 1) =>
  object('apps/v1', 'Deployment', { replicas: 1, selector }, { observedGeneration: 1, ...status }, generation)
const set = (status: object, spec: object = {}) =>
  object('apps/v1', 'StatefulSet', { replicas: 2, selector, ...spec }, { observedGeneration: 1, ...status })
const daemon = (status: object, spec: object = {}) =>
  object('apps/v1', 'DaemonSet', { selector, ...spec }, { observedGeneration: 1, ...status })
const job = (status: object, spec: object = {}) => object('batch/v1', 'Job', spec, status)
const pod = (status: object, spec: object = { nodeName: 'node-1' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x-1', namespace: 'n', uid: 'u' },
  spec,
  status,
})
const running = (container: object) =>
  pod({ phase: 'Running', containerStatuses: [{ name: 'main', restartCount: 0, ...container }] })
const waitingInit = pod({
  phase: 'Pending',
  initContainerStatuses: [{ name: 'wait', started: false, state: { running: { startedAt: at(7) } } }],
  containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
})
const afterPowerCut = pod(
  {
    phase: 'Running',
    initContainerStatuses: [
      { name: 'proxy', started: true, restartCount: 1, state: { running: { startedAt: at(9) } } },
      { name: 'wait', started: true, restartCount: 1, state: { running: { startedAt: at(7) } } },
    ],
    containerStatuses: [{ name: 'main', restartCount: 0, state: { terminated: { exitCode: 255, reason: 'Unknown' } } }],
  },
  { nodeName: 'node-1', initContainers: [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'wait' }] },
)
const unmounted = pod({
  phase: 'Pending',
  initContainerStatuses: [{ name: 'wait', started: false, state: { waiting: { reason: 'PodInitializing' } } }],
  containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
})
const crashing = (restartCount: number) =>
  running({
    ready: false,
    restartCount,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container=main' } },
    lastState: { terminated: { exitCode: 3, finishedAt: at(60) } },
  })

const cases: readonly { name: string; object: KubeObject; around?: Surroundings; state: string; reason: RegExp }[] = [
  {
    name: 'a complete Deployment',
    object: deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 }),
    state: 'ready',
    reason: /^1 of 1 Pods ready$/,
  },
  {
    name: 'numbers about an older spec do not count',
    object: deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, 2),
    state: 'waiting',
    reason: /not picked up/,
  },
  {
    name: 'an old Pod that still ends',
    object: deployment({ replicas: 2, updatedReplicas: 1, availableReplicas: 2 }),
    state: 'waiting',
    reason: /1 old Pod is still ending/,
  },
  { name: 'no Pod yet', object: deployment({}), state: 'waiting', reason: /no Pod was made yet/ },
  {
    name: 'what the init container waits for',
    object: deployment({ replicas: 1 }),
    around: around([waitingInit], 'waiting for task keystone/db-sync'),
    state: 'waiting',
    reason: /^0 of 1 Pod ready; x-1 waits in init container wait: waiting for task keystone\/db-sync$/,
  },
  {
    name: 'an init container that runs again, but no sidecar, after the node was started again',
    object: afterPowerCut,
    state: 'waiting',
    reason: /^waits in init container wait: 7 s$/,
  },
  { name: 'an init container that says nothing', object: waitingInit, state: 'waiting', reason: /wait: 7 s$/ },
  {
    name: 'a Secret that is not there',
    object: deployment({ replicas: 1 }),
    around: around(
      [unmounted],
      undefined,
      'MountVolume.SetUp failed for volume "tls" : secret "public-cert" not found\nmore',
    ),
    state: 'waiting',
    reason: /^0 of 1 Pod ready; x-1 waits for its volume tls: secret "public-cert" not found$/,
  },
  {
    name: 'volumes that do not come in time',
    object: unmounted,
    around: around([], undefined, 'Unable to attach or mount volumes: unmounted volumes=[tls]'),
    state: 'waiting',
    reason: /waits for its volumes: Unable to attach/,
  },
  {
    name: 'what was said of volumes before they came',
    object: running({ ready: true, state: { running: { startedAt: at(2) } } }),
    around: around([], undefined, 'MountVolume.SetUp failed for volume "tls" : secret "public-cert" not found'),
    state: 'waiting',
    reason: /^is not ready yet$/,
  },
  {
    name: 'a crash that may pass',
    object: deployment({ replicas: 1 }),
    around: around([crashing(2)]),
    state: 'waiting',
    reason: /crashed with exit code 3, restart in 20 s/,
  },
  {
    name: 'a crash without hope',
    object: deployment({ replicas: 1 }),
    around: around([crashing(6)]),
    state: 'failed',
    reason: /after 6 restarts/,
  },
  {
    name: 'an image that is not there and may not be pulled',
    object: running({ state: { waiting: { reason: 'ErrImageNeverPull' } } }),
    state: 'failed',
    reason: /not on the node/,
  },
  {
    name: 'an image that cannot be pulled now',
    object: running({ state: { waiting: { reason: 'ImagePullBackOff' } } }),
    state: 'waiting',
    reason: /cannot be pulled/,
  },
  {
    name: 'memory limit',
    object: running({ ready: false, state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }),
    state: 'waiting',
    reason: /more memory than its limit/,
  },
  {
    name: 'a started container that is not ready',
    object: running({ ready: false, started: true, state: { running: { startedAt: at(12) } } }),
    state: 'waiting',
    reason: /runs but is not ready: 12 s/,
  },
  {
    name: 'no node fits',
    object: pod(
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] },
      {},
    ),
    state: 'waiting',
    reason: /has no node: 0\/1 nodes/,
  },
  { name: 'a Pod that succeeded', object: pod({ phase: 'Succeeded' }), state: 'ready', reason: /succeeded/ },
  {
    name: 'an evicted Pod',
    object: pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
    state: 'failed',
    reason: /Evicted \(low on memory\)/,
  },
  {
    name: 'a complete StatefulSet',
    object: set({ readyReplicas: 2, updatedReplicas: 2 }),
    state: 'ready',
    reason: /2 of 2/,
  },
  {
    name: 'a StatefulSet that is being renewed',
    object: set({ readyReplicas: 2, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' }),
    state: 'waiting',
    reason: /1 of 2 Pods renewed/,
  },
  {
    name: 'a StatefulSet renewed by hand',
    object: set(
      { readyReplicas: 2, updatedReplicas: 0, currentRevision: 'a', updateRevision: 'b' },
      { updateStrategy: { type: 'OnDelete' } },
    ),
    state: 'ready',
    reason: /2 of 2/,
  },
  {
    name: 'a DaemonSet without a node',
    object: daemon({ desiredNumberScheduled: 0 }),
    state: 'ready',
    reason: /no node is meant/,
  },
  {
    name: 'a DaemonSet that lacks a Pod',
    object: daemon({ desiredNumberScheduled: 2, numberAvailable: 1, updatedNumberScheduled: 2 }),
    state: 'waiting',
    reason: /1 of 2 Pods ready/,
  },
  {
    name: 'a Job that runs',
    object: job({ startTime: at(12), active: 1 }),
    around: around([running({ ready: true, state: { running: { startedAt: at(11) } } })]),
    state: 'waiting',
    reason: /^running 12 s$/,
  },
  {
    name: 'a complete Job',
    object: job({ conditions: [{ type: 'Complete', status: 'True' }] }),
    state: 'ready',
    reason: /completed/,
  },
  {
    name: 'a Job that gave up',
    object: job({
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      ],
    }),
    state: 'failed',
    reason: /backoff limit/,
  },
  { name: 'a Job without a Pod', object: job({}), state: 'waiting', reason: /waits to be started/ },
  {
    name: 'a claim that binds later',
    object: object('v1', 'PersistentVolumeClaim', {}, { phase: 'Pending' }),
    state: 'ready',
    reason: /when a Pod uses it/,
  },
  {
    name: 'a claim that lost its volume',
    object: object('v1', 'PersistentVolumeClaim', {}, { phase: 'Lost' }),
    state: 'failed',
    reason: /lost/,
  },
  { name: 'a Service', object: object('v1', 'Service', { type: 'ClusterIP' }, {}), state: 'ready', reason: /exists/ },
  {
    name: 'a load balancer without an address',
    object: object('v1', 'Service', { type: 'LoadBalancer' }, {}),
    state: 'waiting',
    reason: /address/,
  },
  {
    name: 'a kind without a file of its own',
    object: object('v1', 'ConfigMap', undefined, undefined),
    state: 'ready',
    reason: /exists/,
  },
]

describe('judge', () => {
  test.each(cases)('$name', ({ object: judged, around: given, state, reason }) => {
    const readiness = judge(judged, given ?? around())
    expect(readiness.state).toBe(state)
    expect(readiness.reason).toMatch(reason)
  })

  test.each([
    [
      'one of them',
      { desiredNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 1 },
      /^1 Pod is of an older/,
    ],
    ['all of them', { desiredNumberScheduled: 2, numberAvailable: 2 }, /^2 Pods are of an older template and stay/],
  ])('Pods that are renewed by hand: %s', (_case, status, note) => {
    const judged = judge(daemon(status, { updateStrategy: { type: 'OnDelete' } }), around())
    expect(judged).toMatchObject({ state: 'ready', reason: '2 of 2 Pods ready', note: expect.stringMatching(note) })
  })

  test('nothing is noted when every Pod is of the latest template', () => {
    const status = { desiredNumberScheduled: 1, numberAvailable: 1, updatedNumberScheduled: 1 }
    expect(judge(daemon(status, { updateStrategy: { type: 'OnDelete' } }), around()).note).toBeUndefined()
    const renewed = { readyReplicas: 2, updatedReplicas: 0, currentRevision: 'b', updateRevision: 'b' }
    expect(judge(set(renewed, { updateStrategy: { type: 'OnDelete' } }), around()).note).toBeUndefined()
  })

  test('a Pod that another DaemonSet owns says nothing about this one', () => {
    const owned = (uid: string) => ({
      ...crashing(6),
      metadata: {
        ...crashing(6).metadata,
        ownerReferences: [{ kind: 'DaemonSet', name: 'y', uid, controller: true }],
      },
    })
    const live = daemon({ desiredNumberScheduled: 1, updatedNumberScheduled: 1 })
    const mine = { ...live, metadata: { ...live.metadata, uid: 'mine' } }
    expect(judge(mine, around([owned('other')])).state).toBe('waiting')
    expect(judge(mine, around([owned('mine')])).state).toBe('failed')
  })

  test('a Pod that was killed on its way out is no failure of what comes after it', () => {
    const killed = { name: 'main', state: { terminated: { exitCode: 137, reason: 'Error' } } }
    const gone = { ...crashing(0), status: { phase: 'Failed', containerStatuses: [killed] } }
    const ending = { ...gone, metadata: { ...gone.metadata, deletionTimestamp: at(1) } }
    const live = deployment({ replicas: 1 })
    expect(judge(live, around([gone])).state).toBe('failed')
    expect(judge(live, around([ending])).state).toBe('waiting')
  })

  test('what is being deleted is not ready', () => {
    const live = deployment({ replicas: 1, updatedReplicas: 1, availableReplicas: 1 })
    expect(judge({ ...live, metadata: { ...live.metadata, deletionTimestamp: at(1) } }, around()).state).toBe('waiting')
  })
})
