import { expect, test } from 'vitest'
import { statusNames } from '../model/index.ts'
import { checkAllowed, type GuardedKind } from './index.ts'

const complete = ['CREATE_COMPLETE', 'ROLLBACK_COMPLETE', 'UPDATE_COMPLETE']
const failed = ['ROLLBACK_FAILED', 'UPDATE_FAILED']

test.each<[GuardedKind, readonly string[]]>([
  ['update', [...complete, ...failed]],
  ['upgrade', [...complete, ...failed]],
  ['rotate-ca', [...complete, ...failed]],
  ['resize', [...complete, ...failed, 'UPDATE_IN_PROGRESS']],
  ['rotate-credential', [...complete, ...failed, 'UPDATE_IN_PROGRESS']],
  ['nodegroup-create', [...complete, ...failed, 'UPDATE_IN_PROGRESS']],
  ['nodegroup-update', [...complete, ...failed, 'UPDATE_IN_PROGRESS']],
  ['nodegroup-delete', [...complete, ...failed, 'UPDATE_IN_PROGRESS']],
])('%s begins in these statuses only', (kind, allowed) => {
  const may = statusNames.filter((status) => {
    try {
      checkAllowed(kind, status)
      return true
    } catch {
      return false
    }
  })
  expect(new Set(may)).toEqual(new Set(allowed))
})

test("the refusal has Magnum's words and says what to do", () => {
  expect(() => checkAllowed('upgrade', 'UPDATE_IN_PROGRESS')).toThrow(
    'Upgrading a cluster when status is "UPDATE_IN_PROGRESS" is not supported. Wait until it is done.',
  )
})

test('a rotation is not taken the place of', () => {
  expect(() => checkAllowed('resize', 'UPDATE_IN_PROGRESS', 'resize')).not.toThrow()
  expect(() => checkAllowed('resize', 'UPDATE_IN_PROGRESS', 'rotate-ca')).toThrow(
    'Resizing a cluster when status is "UPDATE_IN_PROGRESS" is not supported (its CA is being rotated). Wait until it is done.',
  )
})
