import { expect, test } from 'vitest'
import type { UnitEvent } from './index.ts'
import { openWork } from './open-work.ts'

const unit = (name: string, rest: object): UnitEvent => ({ type: 'unit', unit: name, group: 'x', ...rest }) as UnitEvent

test('tells what waits and what works, and nothing of the rest', () => {
  const open = openWork()
  open.observe(unit('a/pending', { state: 'pending', needs: [] }))
  open.observe(unit('a/works', { state: 'running' }))
  open.observe(unit('a/says', { state: 'running', message: 'compiling' }))
  open.observe(unit('a/waits', { state: 'running' }))
  open.observe(unit('a/waits', { state: 'waiting', reason: 'Job sync: running 9 s' }))
  open.observe(unit('a/waits', { state: 'waiting', reason: 'Job sync: running 12 s' }))
  open.observe(unit('a/done', { state: 'running' }))
  open.observe(unit('a/done', { state: 'done' }))
  open.observe(unit('a/skipped', { state: 'skipped', cause: 'a/failed' }))
  expect(open.lines()).toEqual(['a/waits: waits for Job sync: running 12 s', 'a/works: at work', 'a/says: compiling'])
})
