import { expect, test } from 'vitest'
import type { ClusterStatus } from '../model/index.ts'
import { made } from './fixture.ts'
import { shownFaults, shownReason, totals } from './index.ts'

test.each<[string, ClusterStatus, string | null]>([
  ['nothing to say', {}, null],
  ['how it ended', { status: 'CREATE_FAILED', statusReason: 'Nova said no.' }, 'Nova said no.'],
  [
    'what is waited for',
    { operation: 'none', progress: 'Waiting for two servers.', statusReason: 'old' },
    'Waiting for two servers.',
  ],
])('%s', (_, status, reason) => {
  expect(shownReason(made({}, {}, status).cluster)).toBe(reason)
})

test('warnings come after what happened', () => {
  const { cluster } = made({ labels: { colour: 'blue' } }, {}, { statusReason: 'Ready.' })
  expect(shownReason(cluster)).toBe('Ready. Label "colour" is unknown and has no effect.')
  const waiting = made({ labels: { colour: 'blue' } }, {}, { statusReason: 'no quota' })
  expect(shownReason(waiting.cluster)).toBe('no quota. Label "colour" is unknown and has no effect.')
})

test('faults are told of what failed, and only when the cluster did', () => {
  const { cluster, groups } = made({}, {}, { status: 'UPDATE_FAILED', faults: { api_lb: 'Octavia said no.' } })
  const failed = groups.map((group) =>
    group.spec.role === 'worker'
      ? { ...group, status: { status: 'UPDATE_FAILED' as const, statusReason: 'no quota' } }
      : group,
  )
  expect(shownFaults(cluster, failed)).toEqual({ 'default-worker': 'no quota', api_lb: 'Octavia said no.' })
  expect(shownFaults(made().cluster, failed)).toBeUndefined()
})

test('nodes are those of all groups but masters', () => {
  const { groups } = made({ nodeCount: 2 })
  const addressed = groups.map((group) => ({ ...group, status: { nodeAddresses: [`10.0.0.${group.spec.nodeCount}`] } }))
  expect(totals(addressed)).toEqual({
    nodeCount: 2,
    masterCount: 1,
    nodeAddresses: ['10.0.0.2'],
    masterAddresses: ['10.0.0.1'],
  })
})
