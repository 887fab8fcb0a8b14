import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { together } from './index.ts'

test('gives all results in their order', async () => {
  const results = await together(new AbortController().signal, () => [sleep(5, 'a'), Promise.resolve(2)])
  expect(results).toEqual(['a', 2])
})

test('stops the others when one fails, waits for their end, and throws the first failure', async () => {
  let ended = false
  const slow = async (signal: AbortSignal): Promise<void> => {
    try {
      await sleep(60_000, undefined, { signal })
    } finally {
      await sleep(5)
      ended = true
    }
  }
  const works = together(new AbortController().signal, (signal) => [slow(signal), Promise.reject(new Error('first'))])
  await expect(works).rejects.toThrow('first')
  expect(ended).toBe(true)
})

test('throws the reason of an interruption, whatever the works made of it', async () => {
  const controller = new AbortController()
  const work = together(controller.signal, (signal) => [sleep(60_000, undefined, { signal })])
  controller.abort(new Error('stopped'))
  await expect(work).rejects.toThrow('stopped')
})
