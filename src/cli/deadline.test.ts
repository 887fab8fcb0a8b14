import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { CroqueEvent } from '../engine/index.ts'
import { CroqueError } from '../errors/index.ts'
import { withinSeconds } from './deadline.ts'

const outside = (signal = new AbortController().signal) => ({ signal, emit: (_event: CroqueEvent) => undefined })
const forever = async ({ signal, emit }: ReturnType<typeof outside>): Promise<void> => {
  emit({ type: 'unit', unit: 'nova/api', group: 'nova', state: 'waiting', reason: 'Deployment nova-api: 0 of 1' })
  await sleep(60_000, undefined, { signal }).catch(() => {
    throw new CroqueError('interrupted', { what: 'Stopped' })
  })
}

test('work that ends in time ends as it does', async () => {
  expect(await withinSeconds(outside(), 60, async () => 'done')).toBe('done')
  await expect(withinSeconds(outside(), 60, () => Promise.reject(new Error('own')))).rejects.toThrow('own')
})

test('work that does not is ended, and the error says what it waited for', async () => {
  await expect(withinSeconds(outside(), 0.05, forever)).rejects.toMatchObject({
    code: 'run-timeout',
    why: 'nova/api: waits for Deployment nova-api: 0 of 1',
    next: expect.stringContaining('goes on'),
  })
})

test('an interruption is none of it', async () => {
  const controller = new AbortController()
  const run = withinSeconds(outside(controller.signal), 60, forever)
  controller.abort(new CroqueError('interrupted', { what: 'Ctrl-C' }))
  await expect(run).rejects.toMatchObject({ code: 'interrupted' })
})
