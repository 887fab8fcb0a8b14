import { once } from 'node:events'
import { expect, test } from 'vitest'
import type { WatchEvent } from '../../kube/index.ts'
import { startFeed } from './feed.ts'

const sync = (version: number): WatchEvent => ({ type: 'SYNC', objects: [], resourceVersion: String(version) })

test('a watch that ends or fails begins again, until the signal aborts', async () => {
  const ending = new AbortController()
  const [taken, faults]: [string[], unknown[]] = [[], []]
  const forbidden = new Error('forbidden')
  let rounds = 0
  const feed = startFeed({
    watch: async function* () {
      rounds += 1
      if (rounds === 1) throw forbidden
      yield sync(rounds)
      if (rounds === 3) ending.abort()
    },
    take: (event) => taken.push(event.type === 'SYNC' ? event.resourceVersion : event.type),
    signal: ending.signal,
    onFault: (error) => faults.push(error),
  })
  await feed.ended
  expect(taken).toEqual(['2', '3'])
  expect(faults).toEqual([forbidden, undefined, undefined])
})

test('to begin again ends a watch, but never a list', async () => {
  const ending = new AbortController()
  const rounds: { readonly listed: PromiseWithResolvers<void>; readonly signal: AbortSignal }[] = []
  const taken = Promise.withResolvers<void>()
  const feed = startFeed({
    watch: async function* (signal) {
      const listed = Promise.withResolvers<void>()
      rounds.push({ listed, signal })
      await listed.promise
      yield sync(rounds.length)
      if (!signal.aborted) await once(signal, 'abort')
    },
    take: () => taken.resolve(),
    signal: ending.signal,
    onFault: () => undefined,
  })
  feed.restart()
  expect(rounds[0]?.signal.aborted).toBe(false)
  rounds[0]?.listed.resolve()
  await taken.promise
  await new Promise((resolve) => setImmediate(resolve))
  feed.restart()
  expect(rounds[0]?.signal.aborted).toBe(true)
  await expect.poll(() => rounds.length).toBe(2)
  ending.abort()
  expect(rounds[1]?.signal.aborted).toBe(true)
  rounds[1]?.listed.resolve()
  await feed.ended
})
