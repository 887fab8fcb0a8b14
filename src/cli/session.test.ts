import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import { commandOf, ran } from './fixture.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A run in a terminal that takes so long to end after Ctrl-C. */
async function stopped(milliseconds: number, passThrough = false): Promise<string> {
  const controller = new AbortController()
  const command = commandOf(
    async ({ signal }) => {
      controller.abort(new CroqueError('interrupted', { what: 'Interrupted by SIGINT' }))
      await vi.advanceTimersByTimeAsync(milliseconds)
      signal.throwIfAborted()
      return {}
    },
    { passThrough },
  )
  const machine = { isTTY: true, env: { NO_COLOR: '1' }, signal: controller.signal }
  const { stdout, stderr, exit } = await ran(['work'], [command], machine)
  expect(exit).toBe(130)
  expect(stdout + stderr).toContain('error[interrupted]: Interrupted by SIGINT')
  await vi.advanceTimersByTimeAsync(10_000)
  return stdout
}

const understood = 'Stopping what is at work'

test('a person who pressed Ctrl-C is told when the end takes time', async () => {
  expect(await stopped(2000)).toContain(understood)
})

test('but not when it comes at once, or when another program has the terminal', async () => {
  expect(await stopped(10)).not.toContain(understood)
  expect(await stopped(2000, true)).not.toContain(understood)
})
