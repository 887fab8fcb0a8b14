/** What only microversions 1.13 and 1.14 have. */
import { each, type Scenario } from '../step.ts'
import { makeCluster, makeTemplate } from './made.ts'

const post = { ask: 'POST /clusters/{c}/nodegroups', version: 'container-infra 1.14', settle: true }
let made = 0
const fresh = (): string => {
  made += 1
  return `group-${made}`
}
const withField = (field: string, ...values: readonly unknown[]) =>
  each(post, ...values.map((value) => ({ name: fresh(), [field]: value })))
const patch = { ask: 'PATCH /clusters/{c}/nodegroups/{n}', version: 'container-infra 1.14', settle: true }
const taint = (more: object): object => ({ key: 'k', effect: 'NoSchedule', ...more })

export const newest: Scenario = {
  name: 'newest',
  since: '23',
  steps: [
    makeTemplate,
    makeCluster,
    ...['1.12', '1.13', '1.14', '1.15', 'latest'].flatMap((minor) => {
      const version = `container-infra ${minor}`
      return [
        { ask: 'GET /clusters', version },
        { ask: 'GET /clusters/detail', version },
        { ask: 'GET /clusters/{c}', version },
        { ask: 'GET /clusters/{c}/nodegroups', version },
        { ask: 'GET /clusters/{c}/nodegroups/default-worker', version },
        {
          ask: 'POST /clusters/{c}/nodegroups',
          version,
          body: { name: `labels-${minor}`, node_labels: { a: 'b' } },
          settle: true,
        },
        {
          ask: 'POST /clusters/{c}/nodegroups',
          version,
          body: { name: `taints-${minor}`, node_taints: [taint({})] },
          settle: true,
        },
        { ask: 'PATCH /clusters/{c}', version, body: [{ op: 'replace', path: '/cluster_id', value: 'x' }] },
        { ask: 'PATCH /clusters/{c}', version, body: [{ op: 'replace', path: '/stack_id', value: 'x' }] },
      ]
    }),
    ...withField(
      'node_labels',
      {},
      { a: '' },
      { a: 5 },
      { a: null },
      { a: true },
      { '': 'x' },
      { 'a b': 'x' },
      { a: 'x y' },
      null,
      [],
      'a=b',
      { 'kubernetes.io/x': 'y' },
      { 'x.kubernetes.io/x': 'y' },
      { 'x.k8s.io/y': 'z' },
      { 'node.kubernetes.io/x': 'y' },
      { 'kubernetes.io/hostname': 'x' },
      { 'node-role.kubernetes.io/worker': '' },
      { 'example.com/x': 'y' },
    ),
    ...withField(
      'node_taints',
      [],
      [{}],
      [taint({})],
      [taint({ value: 'v' })],
      [taint({ effect: 'x' })],
      [taint({ effect: 'PreferNoSchedule' }), taint({ effect: 'NoExecute' })],
      [{ key: 'k' }],
      [{ effect: 'NoSchedule' }],
      [taint({ zzz: 'x' })],
      [taint({ value: 5 })],
      [taint({ value: null })],
      [taint({ key: '' })],
      ['x'],
      [null],
      {},
      null,
      'k=v:NoSchedule',
      [taint({}), taint({})],
    ),
    { ...post, body: { name: 'both', node_labels: { a: 'b' }, node_taints: [taint({ value: 'v' })] }, keep: 'n' },
    ...each(
      patch,
      [{ op: 'replace', path: '/node_labels', value: "{'c':'d'}" }],
      [{ op: 'replace', path: '/node_labels', value: { c: 'd' } }],
      [{ op: 'add', path: '/node_labels/e', value: 'f' }],
      [{ op: 'remove', path: '/node_labels/e' }],
      [{ op: 'remove', path: '/node_labels' }],
      [{ op: 'replace', path: '/node_labels', value: "{'kubernetes.io/x':'d'}" }],
      [{ op: 'replace', path: '/node_taints', value: "[{'key':'a','effect':'NoExecute'}]" }],
      [{ op: 'replace', path: '/node_taints', value: [taint({})] }],
      [{ op: 'replace', path: '/node_taints', value: "[{'key':'a','effect':'x'}]" }],
      [{ op: 'replace', path: '/node_taints', value: '[]' }],
      [{ op: 'remove', path: '/node_taints' }],
      [{ op: 'replace', path: '/node_taints', value: 'x' }],
    ),
    { ...patch, version: 'container-infra 1.13', body: [{ op: 'replace', path: '/node_labels', value: "{'c':'d'}" }] },
    {
      ask: 'PATCH /clusters/{c}/nodegroups/default-worker',
      version: 'container-infra 1.14',
      body: [{ op: 'add', path: '/node_labels', value: "{'c':'d'}" }],
      settle: true,
    },
    {
      ask: 'PATCH /clusters/{c}/nodegroups/default-master',
      version: 'container-infra 1.14',
      body: [{ op: 'add', path: '/node_labels', value: "{'c':'d'}" }],
      settle: true,
    },
    { ask: 'GET /clusters/{c}/nodegroups/{n}', version: 'container-infra 1.14' },
    { ask: 'GET /clusters/{c}/nodegroups', version: 'container-infra 1.14' },
  ],
}
