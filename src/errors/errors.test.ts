import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CroqueError, toCroqueError } from './index.ts'

test('what a signal ended is an interruption with the reason of the signal, not our bug', async () => {
  const controller = new AbortController()
  const pause = sleep(60_000, undefined, { signal: controller.signal })
  controller.abort(new CroqueError('preflight-failed', { what: 'the other side failed' }))
  const thrown = await pause.catch((error: unknown) => error)
  expect(toCroqueError(thrown)).toMatchObject({ code: 'preflight-failed' })
  expect(toCroqueError(new DOMException('gone', 'AbortError'))).toMatchObject({ code: 'interrupted' })
})

test('anything else unknown is our bug, with its cause', () => {
  const cause = new TypeError('x is not a function')
  expect(toCroqueError(cause)).toMatchObject({ code: 'internal', class: 'bug', cause })
})
