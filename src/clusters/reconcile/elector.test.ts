import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pause, type SimulatedClock, simulatedClock } from '../clock/index.ts'
import { leadWhenElected } from './elector.ts'
import type { Lease, LeaseVersion } from './lease.ts'

/** A Lease in memory, and an API server in front of it that may be away. */
function leaseServer() {
  let stored: LeaseVersion | undefined
  let version = 0
  const server = {
    away: new Set<string>(),
    /** Writes are done, but their answers get lost. */
    deaf: new Set<string>(),
    holder: () => stored?.record.holder,
    transitions: () => stored?.record.transitions,
    seenBy: (who: string): Lease => ({
      read: async () => {
        if (server.away.has(who)) throw new Error('away')
        return stored
      },
      write: async (record, over) => {
        if (server.away.has(who)) throw new Error('away')
        if (over?.version !== stored?.version) return undefined
        stored = { version: String(++version), record }
        if (server.deaf.has(who)) throw new Error('no answer')
        return stored
      },
    }),
  }
  return server
}

interface Replica {
  readonly stop: () => void
  readonly kill: () => void
  readonly ended: Promise<void>
}

/** Runs replicas beside each other, and writes down who worked when. */
function election(clock: SimulatedClock, drainMs = 1000) {
  const server = leaseServer()
  const log: string[] = []
  const working = new Set<string>()
  let most = 0
  const note = (text: string): number => log.push(`${Math.round(clock.elapsed() / 1000)} ${text}`)
  const start = (identity: string): Replica => {
    const stop = new AbortController()
    const ended = leadWhenElected(
      { lease: server.seenBy(identity), identity, clock, random: () => 0 },
      stop.signal,
      async (signal) => {
        working.add(identity)
        most = Math.max(most, working.size)
        note(`${identity} works`)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        await pause(clock, drainMs)
        working.delete(identity)
        note(`${identity} stopped`)
      },
    )
    // Killed: it writes no more, and what it began ends with it.
    const kill = (): void => {
      server.away.add(identity)
      working.delete(identity)
    }
    return { stop: () => stop.abort(), kill, ended }
  }
  return { server, log, start, working, most: () => most }
}

test('one of two leads, and keeps leading', async () => {
  const clock = simulatedClock()
  const { start, log, server } = election(clock)
  start('a')
  start('b')
  await clock.advance(600_000)
  expect(log).toEqual(['0 a works'])
  expect(server.transitions()).toBe(0)
})

test('who is stopped ends its work first, then gives the lease back, and the other need not wait for it to expire', async () => {
  const clock = simulatedClock()
  const { start, log, server } = election(clock, 4000)
  const a = start('a')
  start('b')
  await clock.advance(60_000)
  a.stop()
  await clock.advance(10_000)
  await a.ended
  expect(log).toEqual(['0 a works', '64 a stopped', '64 b works'])
  expect(server.transitions()).toBe(1)
})

test('who is killed is followed when its lease has run out', async () => {
  const clock = simulatedClock()
  const { start, log } = election(clock)
  const a = start('a')
  start('b')
  await clock.advance(60_000)
  a.kill()
  await clock.advance(30_000)
  expect(log[0]).toBe('0 a works')
  expect(log.find((line) => line.endsWith('b works'))).toMatch(/^7[3-7] /)
})

test('who is cut off stops before another one begins, and comes back as a follower', async () => {
  const clock = simulatedClock()
  const { start, log, server, most } = election(clock)
  start('a')
  start('b')
  await clock.advance(60_000)
  server.away.add('a')
  await clock.advance(60_000)
  server.away.delete('a')
  await clock.advance(60_000)
  expect(log.slice(0, 2).map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(['a works', 'a stopped'])
  expect(log.slice(2).map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(['b works'])
  expect(most()).toBe(1)
})

describe('an API server that is away', () => {
  test('for less than the time to renew changes nothing', async () => {
    const clock = simulatedClock()
    const { start, log, server } = election(clock)
    start('a')
    start('b')
    await clock.advance(60_000)
    for (const who of ['a', 'b']) server.away.add(who)
    await clock.advance(7000)
    server.away.clear()
    await clock.advance(60_000)
    expect(log).toEqual(['0 a works'])
  })

  test('for longer stops the work, and somebody works again when it is back', async () => {
    const clock = simulatedClock()
    const { start, log, server, working } = election(clock)
    start('a')
    start('b')
    await clock.advance(60_000)
    for (const who of ['a', 'b']) server.away.add(who)
    await clock.advance(60_000)
    expect(working.size).toBe(0)
    expect(log).toHaveLength(2)
    server.away.clear()
    await clock.advance(20_000)
    expect(working.size).toBe(1)
  })

  test('that does what it is told without an answer for a moment costs nothing', async () => {
    const clock = simulatedClock()
    const { start, log, server } = election(clock)
    start('a')
    start('b')
    await clock.advance(60_000)
    server.deaf.add('a')
    await clock.advance(2500)
    server.deaf.delete('a')
    await clock.advance(60_000)
    expect(log).toEqual(['0 a works'])
  })
})

test('a wall clock that jumps takes no lease away', async () => {
  const clock = simulatedClock()
  const { start, log } = election(clock)
  start('a')
  start('b')
  for (const jump of [3_600_000, -7_200_000, 30_000]) {
    await clock.advance(10_000)
    clock.jump(jump)
  }
  await clock.advance(60_000)
  expect(log).toEqual(['0 a works'])
})

test('whatever is cut off, restored and stopped whenever: never two at work, and somebody in the end', async () => {
  const names = ['a', 'b', 'c']
  const step = fc.record({
    who: fc.constantFrom(...names),
    what: fc.constantFrom('cut off', 'restore', 'deafen', 'jump'),
    wait: fc.nat(140_000).map((ms) => ms / 7),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const clock = simulatedClock()
      const { start, server, working, most } = election(clock, 4000)
      for (const name of names) start(name)
      for (const { who, what, wait } of steps) {
        await clock.advance(wait)
        if (what === 'cut off') server.away.add(who)
        if (what === 'deafen') server.deaf.add(who)
        if (what === 'jump') clock.jump(wait * 1000 - 10_000_000)
        if (what === 'restore') {
          server.away.delete(who)
          server.deaf.delete(who)
        }
      }
      server.away.clear()
      server.deaf.clear()
      await clock.advance(60_000)
      expect(most()).toBeLessThanOrEqual(1)
      expect(working.size).toBe(1)
    }),
    { numRuns: 60 },
  )
})
