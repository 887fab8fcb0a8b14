import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pause, type SimulatedClock, simulatedClock } from '../clock/index.ts'
import { createQueue, type Queue, type QueueOptions } from './queue.ts'

interface Trial {
  readonly clock: SimulatedClock
  readonly queue: Queue
  /** `a@1000 b@2000`: what was begun when. */
  begun(): string
  /** Most keys at once. */
  most(): number
  stop(): void
  readonly ended: Promise<void>
}

/** Work takes 100 ms and asks for nothing, unless said otherwise. */
function trial(options: Partial<Pick<QueueOptions, 'work' | 'concurrency' | 'onDepth' | 'onFailure'>> = {}): Trial {
  const clock = simulatedClock()
  const begun: string[] = []
  let running = 0
  let most = 0
  const stop = new AbortController()
  const queue = createQueue({
    clock,
    random: () => 0.999,
    concurrency: 10,
    backOff: { first: 1000, most: 60_000 },
    onFailure: () => undefined,
    ...options,
    work: async (key, signal) => {
      begun.push(`${key}@${Math.round(clock.elapsed())}`)
      most = Math.max(most, ++running)
      try {
        if (options.work !== undefined) return await options.work(key, signal)
        await pause(clock, 100)
        return undefined
      } finally {
        running--
      }
    },
  })
  const ended = queue.run(stop.signal)
  return { clock, queue, begun: () => begun.join(' '), most: () => most, stop: () => stop.abort(), ended }
}

test('what is asked for many times before it begins is done once', async () => {
  const { clock, queue, begun } = trial()
  for (let i = 0; i < 5; i++) queue.add('a')
  await clock.advance(1000)
  expect(begun()).toBe('a@0')
})

test('what is asked for while it is worked on is done once more afterwards, and never twice at once', async () => {
  const { clock, queue, begun, most } = trial()
  queue.add('a')
  await clock.advance(50)
  queue.add('a')
  queue.add('a')
  await clock.advance(1000)
  expect(begun()).toBe('a@0 a@100')
  expect(most()).toBe(1)
})

test('different keys are worked on side by side, as many as are allowed, in the order they came', async () => {
  const { clock, queue, begun, most } = trial({ concurrency: 2 })
  for (const key of ['a', 'b', 'c', 'd', 'e']) queue.add(key)
  await clock.advance(0)
  expect(queue.depth()).toBe(3)
  await clock.advance(1000)
  expect(begun()).toBe('a@0 b@0 c@100 d@100 e@200')
  expect(most()).toBe(2)
})

describe('later', () => {
  test('work comes when it is due', async () => {
    const { clock, queue, begun } = trial()
    queue.add('a', 5000)
    await clock.advance(10_000)
    expect(begun()).toBe('a@5000')
  })

  test('the earlier of two counts', async () => {
    const { clock, queue, begun } = trial()
    queue.add('a', 5000)
    queue.add('a', 3000)
    queue.add('a', 9000)
    await clock.advance(20_000)
    expect(begun()).toBe('a@3000')
  })

  test('now is earlier than later', async () => {
    const { clock, queue, begun } = trial()
    queue.add('a', 5000)
    queue.add('a')
    queue.add('a', 4000)
    await clock.advance(20_000)
    expect(begun()).toBe('a@0')
  })

  test('what the work answers is when it is called again', async () => {
    const { clock, queue, begun } = trial({ work: async () => (clock.elapsed() < 2000 ? 1000 : undefined) })
    queue.add('a')
    await clock.advance(20_000)
    expect(begun()).toBe('a@0 a@1000 a@2000')
  })
})

test('failures wait longer each time, each key for itself, until one succeeds', async () => {
  const waits: string[] = []
  let broken = true
  const { clock, queue, begun } = trial({
    work: async (key) => {
      if (key === 'a' && broken) throw new Error('no')
      return undefined
    },
    onFailure: (key, error, wait) => waits.push(`${key} ${String(error)} ${wait}`),
  })
  queue.add('a')
  queue.add('b')
  await clock.advance(7100)
  broken = false
  await clock.advance(60_000)
  expect(begun()).toBe('a@0 b@0 a@1000 a@2999 a@6997 a@14993')
  expect(waits).toEqual(['a Error: no 1000', 'a Error: no 1999', 'a Error: no 3998', 'a Error: no 7996'])
  broken = true
  queue.add('a')
  await clock.advance(0)
  expect(waits.at(-1)).toBe('a Error: no 1000')
})

test('a key that waits after a failure is worked on at once when there is something new', async () => {
  const { clock, queue, begun } = trial({ work: () => Promise.reject(new Error('no')) })
  queue.add('a')
  await clock.advance(100)
  queue.add('a')
  await clock.advance(100)
  expect(begun()).toBe('a@0 a@100')
})

test('stopping waits for what is worked on, tells it, and begins nothing more', async () => {
  let told = false
  const { clock, queue, begun, stop, ended } = trial({
    work: async (_key, signal) => {
      await pause(clock, 100)
      told = signal.aborted
      return 10
    },
  })
  queue.add('a')
  queue.add('later', 200)
  await clock.advance(50)
  let over = false
  const over$ = ended.then(() => {
    over = true
  })
  stop()
  queue.add('b')
  await clock.advance(40)
  expect(over).toBe(false)
  await clock.advance(1000)
  await over$
  expect(told).toBe(true)
  expect(begun()).toBe('a@0')
  expect(queue.depth()).toBe(0)
})

test('it can run again after it was stopped, and does then what was asked for in between', async () => {
  const { clock, queue, begun, stop, ended } = trial()
  stop()
  await ended
  queue.add('a')
  await clock.advance(100)
  expect(begun()).toBe('')
  const again = new AbortController()
  const run = queue.run(again.signal)
  await clock.advance(0)
  expect(begun()).toBe('a@100')
  again.abort()
  await clock.advance(100)
  await run
})

test('it tells how many wait', async () => {
  const depths: number[] = []
  const { clock, queue } = trial({ concurrency: 1, onDepth: (depth) => depths.push(depth) })
  for (const key of ['a', 'b', 'c']) queue.add(key)
  await clock.advance(1000)
  expect(Math.max(...depths)).toBe(3)
  expect(depths.at(-1)).toBe(0)
})

test('whatever is asked for whenever: no key twice at once, never too many, and each is worked on after it was last asked for', async () => {
  const steps = fc.array(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), wait: fc.nat(300), delay: fc.nat(500), fails: fc.boolean() }),
    { maxLength: 40 },
  )
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (asked, concurrency) => {
      const busy = new Set<string>()
      const lastBegun = new Map<string, number>()
      const lastAsked = new Map<string, number>()
      const failing = new Set<string>()
      const { clock, queue, most } = trial({
        concurrency,
        work: async (key) => {
          expect(busy.has(key)).toBe(false)
          busy.add(key)
          lastBegun.set(key, clock.elapsed())
          await pause(clock, 70)
          busy.delete(key)
          if (failing.delete(key)) throw new Error('once')
          return undefined
        },
      })
      for (const { key, wait, delay, fails } of asked) {
        await clock.advance(wait)
        if (fails) failing.add(key)
        queue.add(key, delay)
        lastAsked.set(key, clock.elapsed())
      }
      await clock.advance(100_000)
      expect(most()).toBeLessThanOrEqual(concurrency)
      for (const [key, at] of lastAsked) expect(lastBegun.get(key)).toBeGreaterThanOrEqual(at)
    }),
    { numRuns: 50 },
  )
})
