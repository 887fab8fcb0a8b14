import { expect, test } from 'vitest'
import { type Change, countChanges, type Plan } from '../engine/index.ts'
import { tellPlan } from './commands/plan.ts'
import { commandOf, ran } from './fixture.ts'

const change = (kind: string, name: string, rest: Pick<Change, 'action'> & Partial<Change>): Change => ({
  ref: { apiVersion: 'v1', kind, name, ...(kind === 'Namespace' ? {} : { namespace: 'openstack' }) },
  reasons: [],
  diff: [],
  drift: false,
  ...rest,
})

function planOf(changes: readonly Change[]): Plan {
  const counts = countChanges(changes.map(({ action }) => action))
  return { changes, counts, empty: counts.unchanged === changes.length }
}

const every = planOf([
  change('Namespace', 'openstack', { action: 'unchanged' }),
  change('Secret', 'nova-secrets', {
    action: 'configured',
    diff: [{ path: 'data.password', before: undefined, after: '(generated)' }],
  }),
  change('ConfigMap', 'nova-api', {
    action: 'configured',
    diff: [
      {
        path: 'data.nova.conf',
        before: '[DEFAULT]\ndebug = false\nworkers = 1\n[database]\nconnection = mysql://nova:old@db/nova\n',
        after: '[DEFAULT]\ndebug = true\nworkers = 1\n[database]\nconnection = mysql://nova:new@db/nova\n',
      },
      {
        path: 'data.start.sh',
        before: '#!/bin/sh\nset -eu\ncd /\nexec nova-api\n',
        after: '#!/bin/sh\nset -eu\ncd /\numask 077\nexec nova-api\n',
      },
      { path: 'data.policy.yaml', before: undefined, after: 'a: b\nc: d\n' },
    ],
  }),
  change('Deployment', 'nova-api', {
    action: 'configured',
    drift: true,
    reasons: ['kubectl-edit changed spec.replicas', 'argocd changed metadata.labels.x'],
    diff: [
      { path: 'spec.replicas', before: 3, after: 1 },
      { path: 'spec.template.spec.containers[api].resources', before: { limits: { cpu: 1 } }, after: undefined },
    ],
  }),
  change('Deployment', 'nova-scheduler', { action: 'created' }),
  change('Job', 'nova-db-sync-1', { action: 'replaced', reasons: ['its last run failed'] }),
  change('Verification', 'verify/server', { action: 'created', reasons: ['what it needs changes first'] }),
  change('ConfigMap', 'old', { action: 'deleted', reasons: ['nothing desires it any more'] }),
])

const planning = (found: Plan) => [
  commandOf(async ({ emit }) => tellPlan(found, emit, './croque up --file cloud.yaml'), { name: 'plan' }),
]

test('every kind of change, with its reason and its differences', async () => {
  const { exit, stdout, stderr } = await ran(['plan'], planning(every), { isTTY: true, env: { NO_COLOR: '1' } })
  expect([exit, stderr]).toEqual([2, ''])
  await expect(stdout).toMatchFileSnapshot('golden/plan.txt')
  expect((await ran(['plan'], planning(every))).stdout.replaceAll(/^\[.*?\] /gm, '')).toBe(stdout.replace('\n\n', '\n'))
})

test('in JSON it can be counted', async () => {
  const { exit, lines } = await ran(['plan', '-o', 'json'], planning(every))
  expect(exit).toBe(2)
  expect(lines.filter(({ type }) => type === 'change')).toHaveLength(7)
  expect(lines.at(-1)).toMatchObject({
    type: 'result',
    ok: true,
    changes: { created: 2, configured: 3, replaced: 1, deleted: 1, unchanged: 1 },
    summary: '7 changes to make',
  })
})

test.each([
  [[change('Namespace', 'openstack', { action: 'unchanged' })], 0, 'Nothing to change'],
  [[change('Namespace', 'openstack', { action: 'created' })], 2, '1 change to make'],
])('with few changes', async (changes, code, summary) => {
  const { exit, lines } = await ran(['plan', '-o', 'json'], planning(planOf(changes)))
  expect(exit).toBe(code)
  expect(lines.at(-1)).toMatchObject({ ok: true, summary })
})
