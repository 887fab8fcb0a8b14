/** Runs as their events, with fixed times, for the tests of the views. */
import type { ChangeCounts, CroqueEvent, Problem, StampedEvent, UnitEvent } from '../engine/index.ts'

const start = Date.UTC(2026, 0, 2, 3, 4, 5)

/** Events with the seconds since the start at which they come. */
export const stamped = (events: readonly (readonly [number, CroqueEvent])[]): readonly StampedEvent[] =>
  events.map(([seconds, event]) => ({ ...event, at: start + seconds * 1000 }))

type Rest =
  | { readonly needs: readonly string[] }
  | { readonly waits: string }
  | { readonly says?: string }
  | { readonly done: string | true }
  | { readonly problem: Problem }
  | { readonly cause: string }

/** A unit's event; its group is what stands before the slash. */
export function unit(id: string, rest: Rest): UnitEvent {
  const about = { type: 'unit', unit: id, group: id.split('/')[0] ?? id } as const
  if ('needs' in rest) return { ...about, state: 'pending', needs: rest.needs }
  if ('waits' in rest) return { ...about, state: 'waiting', reason: rest.waits }
  if ('problem' in rest) return { ...about, state: 'failed', problem: rest.problem }
  if ('cause' in rest) return { ...about, state: 'skipped', cause: rest.cause }
  if ('done' in rest) return { ...about, state: 'done', ...(rest.done === true ? {} : { message: rest.done }) }
  return { ...about, state: 'running', ...(rest.says === undefined ? {} : { message: rest.says }) }
}

const none: ChangeCounts = { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 0 }

const checks = ['root', 'architecture', 'disk /var/lib/croque', 'memory', 'cgroups', 'kernel overlay'] as const
const findings = checks.map(
  (check): CroqueEvent => ({ type: 'finding', check, ok: true, severity: 'error', message: 'ok' }),
)

const preflight: readonly (readonly [number, CroqueEvent])[] = [
  [0, { type: 'run-started', command: 'up' }],
  ...findings.map((event) => [0.8, event] as const),
  [
    0.8,
    {
      type: 'finding',
      check: 'packages',
      ok: false,
      severity: 'fixable',
      message: 'installing with apt-get: runc nftables',
    },
  ],
  [
    0.8,
    {
      type: 'finding',
      check: 'memory',
      ok: false,
      severity: 'warning',
      message: '6.0 GiB of memory, 7.0 GiB are needed for a cloud',
      next: 'Add memory',
    },
  ],
]

const underlay: readonly (readonly [number, CroqueEvent])[] = [
  [1, { type: 'phase', phase: 'underlay', title: 'Kubernetes and images' }],
  [1, unit('underlay/root-file-system', { needs: [] })],
  [1, unit('underlay/root-file-system', {})],
  [1, unit('underlay/kubernetes-binaries', { needs: [] })],
  [1, unit('underlay/kubernetes-binaries', {})],
  [1.2, unit('underlay/kubernetes-binaries', { says: 'downloading kubelet' })],
  [1.5, unit('images/openstack', { needs: [] })],
  [1.5, unit('images/openstack', {})],
  [2, unit('images/openstack', { says: 'uv: resolving 412 packages' })],
  [3, unit('images/openstack', { says: 'uv: installing\r\u001b[32mnova\u001b[0m' })],
  [3.5, { type: 'log', unit: 'images/openstack', line: 'Prepared 412 packages in 1.2s' }],
  [8, unit('underlay/kubernetes-binaries', { says: 'building Kubernetes from its Go modules' })],
  [12, unit('underlay/root-file-system', { done: true })],
  [95, unit('underlay/kubernetes-binaries', { done: true })],
  [95, unit('underlay/nodes', { needs: ['underlay/root-file-system', 'underlay/kubernetes-binaries'] })],
  [95, unit('underlay/nodes', {})],
]

const cloud: readonly (readonly [number, CroqueEvent])[] = [
  [120, unit('images/openstack', { done: true })],
  [121, unit('underlay/nodes', { done: true })],
  [122, { type: 'phase', phase: 'apply', title: 'OpenStack 2026.1' }],
  [124, unit('cloud/base', { needs: [] })],
  [124, unit('mariadb/server', { needs: ['cloud/base'] })],
  [124, unit('mariadb/databases', { needs: ['cloud/base', 'mariadb/server'] })],
  [124, unit('rabbitmq/server', { needs: ['cloud/base'] })],
  [124, unit('keystone/db-sync', { needs: ['mariadb/databases'] })],
  [124, unit('keystone/api', { needs: ['keystone/db-sync'] })],
  [124, unit('keystone/credential-rotate', { needs: ['cloud/base'] })],
  [124, unit('nova/db-sync', { needs: ['mariadb/databases'] })],
  [124, unit('nova/api', { needs: ['nova/db-sync', 'rabbitmq/server', 'mariadb/server'] })],
  [124, unit('nova/conductor', { needs: ['nova/db-sync', 'rabbitmq/server'] })],
  [124, unit('verify/token', { needs: ['keystone/api'] })],
  [124, unit('verify/server', { needs: ['nova/api', 'nova/conductor'] })],
  [124, unit('cloud/base', {})],
  [
    124.1,
    {
      type: 'change',
      action: 'configured',
      subject: { kind: 'ConfigMap', namespace: 'openstack', name: 'nova-api' },
      planned: false,
      reason: 'kubectl-edit changed data.nova.conf',
      diff: [
        'data.nova.conf:',
        '    [DEFAULT]',
        '  - debug = true',
        '  + debug = false',
        'metadata.labels.mine: (absent) -> yes',
      ],
    },
  ],
  [124.5, unit('cloud/base', { done: true })],
  [124.5, unit('mariadb/server', {})],
  [124.5, unit('rabbitmq/server', {})],
  [124.5, unit('keystone/credential-rotate', {})],
  [
    124.6,
    {
      type: 'change',
      action: 'created',
      subject: { kind: 'StatefulSet', namespace: 'openstack', name: 'mariadb-server' },
      planned: false,
    },
  ],
  [125, unit('keystone/credential-rotate', { done: true })],
  [125, unit('mariadb/server', { waits: 'StatefulSet mariadb-server: Pod mariadb-server-0: pulling the image' })],
  [125, unit('rabbitmq/server', { waits: 'StatefulSet rabbitmq-server: 0 of 1 Pods are ready' })],
  [126, unit('mariadb/server', { waits: 'StatefulSet mariadb-server: Pod mariadb-server-0: starting' })],
]

const path = [
  { unit: 'underlay/kubernetes-binaries', seconds: 94 },
  { unit: 'underlay/nodes', seconds: 26 },
  { unit: 'mariadb/server', seconds: 20.5 },
  { unit: 'nova/db-sync', seconds: 9.5 },
  { unit: 'nova/api', seconds: 0.01 },
]

/** Everything comes up. */
export const goodRun = stamped([
  ...preflight,
  ...underlay,
  ...cloud,
  [145, unit('mariadb/server', { done: true })],
  [145, unit('mariadb/databases', {})],
  [146, unit('mariadb/databases', { done: '3 databases' })],
  [146, unit('keystone/db-sync', {})],
  [146, unit('nova/db-sync', {})],
  [150, { type: 'notice', level: 'warning', message: 'the clock of this machine is not synchronized' }],
  [155.5, unit('nova/db-sync', { done: true })],
  [156, unit('keystone/db-sync', { done: true })],
  [156, unit('rabbitmq/server', { done: true })],
  [156, unit('keystone/api', {})],
  [156, unit('nova/api', {})],
  [156, unit('nova/conductor', {})],
  [160, unit('nova/api', { done: true })],
  [160, unit('nova/conductor', { done: true })],
  [161, unit('keystone/api', { done: true })],
  [161, unit('verify/token', {})],
  [161, unit('verify/server', { says: 'waits for the server to be ACTIVE' })],
  [162, unit('verify/token', { done: 'a token of project admin' })],
  [
    170,
    {
      type: 'change',
      action: 'deleted',
      subject: { kind: 'ConfigMap', namespace: 'openstack', name: 'old' },
      planned: false,
    },
  ],
  [171, unit('verify/server', { done: 'a server is ACTIVE' })],
  [
    171,
    {
      type: 'timing',
      slowest: path.slice(0, 4),
      criticalPath: { units: path, seconds: 150 },
      wallSeconds: 170,
    },
  ],
  [
    171,
    {
      type: 'run-finished',
      ok: true,
      changes: { ...none, created: 301, configured: 1, deleted: 1 },
      seconds: 171,
      summary: 'The cloud cloud is up: a server is ACTIVE at https://cloud.croque.local:8443',
      next: ['./croque openstack server list', './croque down'],
    },
  ],
])

/** As far as everything is at work. */
export const halfRun = stamped([...preflight, ...underlay, ...cloud])

const dbProblem: Problem = {
  code: 'unit-failed',
  what: 'mariadb/server failed',
  why: 'Pod mariadb-server-0: container server ended with code 1:\n\u001b[31mCannot allocate memory\u001b[0m',
  next: 'See `./croque kubectl -n openstack logs mariadb-server-0`; after mending it, `./croque up` goes on from here.',
}

/** A database that does not start. */
export const failingRun = stamped([
  ...preflight,
  ...underlay,
  ...cloud,
  [140, unit('mariadb/server', { problem: dbProblem })],
  ...[
    'mariadb/databases',
    'keystone/db-sync',
    'nova/db-sync',
    'keystone/api',
    'nova/api',
    'nova/conductor',
    'verify/token',
    'verify/server',
  ].map((id) => [140, unit(id, { cause: 'mariadb/server' })] as const),
  [156, unit('rabbitmq/server', { done: true })],
  [
    156,
    {
      type: 'timing',
      slowest: path.slice(0, 2),
      criticalPath: { units: path.slice(0, 2), seconds: 120 },
      wallSeconds: 155,
    },
  ],
  [
    156,
    {
      type: 'run-finished',
      ok: false,
      changes: { ...none, created: 40 },
      seconds: 156,
      summary: 'The cloud cloud is not up',
      next: ['./croque status', './croque up'],
    },
  ],
])

const buildProblem: Problem = {
  code: 'download-failed',
  what: 'https://dl.k8s.io/kubelet could not be downloaded',
  why: 'connect ETIMEDOUT',
  next: 'Look at the network and the proxy settings; then run the same command again.',
}

/** One side of `up` fails and stops the other with it; nothing is told twice. */
export const stoppedRun = stamped([
  ...underlay,
  [96, unit('underlay/nodes', { problem: buildProblem })],
  [96.1, unit('images/openstack', { problem: buildProblem })],
  [96.2, { type: 'error', ...buildProblem }],
  [96.2, { type: 'run-finished', ok: false, changes: none, seconds: 96.2 }],
])

const interruption: Problem = {
  code: 'interrupted',
  what: 'Stopped with 2 of 12 parts done',
  why: 'What was applied goes on starting by itself; nothing is half-written.',
  next: 'Run `./croque up` again; it goes on from here.',
}

/** Ctrl-C: the engine says no more of what was at work. */
export const interruptedRun = stamped([
  ...preflight,
  ...underlay,
  ...cloud,
  [130, { type: 'error', ...interruption }],
  [130, { type: 'run-finished', ok: false, changes: none, seconds: 130 }],
])

/** What `plan` shows. */
export const planRun = stamped([
  [0, { type: 'run-started', command: 'plan' }],
  ...(['created', 'configured', 'replaced', 'deleted'] as const).map(
    (action) =>
      [
        2,
        {
          type: 'change',
          action,
          subject:
            action === 'created'
              ? { kind: 'Namespace', name: 'openstack' }
              : { kind: 'Job', namespace: 'openstack', name: action },
          planned: true,
          ...(action === 'configured'
            ? { reason: 'kubectl-edit changed spec.suspend', diff: ['spec.suspend: true -> false'] }
            : {}),
        },
      ] as const,
  ),
  [
    2,
    {
      type: 'run-finished',
      ok: true,
      changes: { created: 1, configured: 1, replaced: 1, deleted: 1, unchanged: 40 },
      seconds: 2,
      summary: '4 changes to make',
      next: ['./croque up'],
    },
  ],
])
