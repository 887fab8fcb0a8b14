import { expect, test } from 'vitest'
import { CloudRefusal } from './cloud.ts'
import { afterFailure, keptRetries, type Retry, triedAgainAt } from './retries.ts'
import { emptyRoster, type Roster } from './roster.ts'

/** Looks every second at something that always fails at once. @returns when it was asked for, in seconds */
function asked(seconds: number, look: (retry: Retry | undefined, now: number) => Retry): readonly number[] {
  let retry: Retry | undefined
  const moments: number[] = []
  for (let second = 0; second <= seconds; second += 1) {
    retry = look(retry, second * 1000)
    if (retry.due === undefined) moments.push(second)
  }
  return moments
}

test('pauses double up to two minutes', () => {
  const moments = asked(900, (retry, now) => afterFailure(retry, 'a', now))
  const pauses = moments.map((moment, at) => moment - (moments[at - 1] ?? 0))
  expect(pauses).toEqual([5, 11, 21, 41, 81, 121, 121, 121, 121, 121, 121])
})

test('something else that is asked for begins anew', () => {
  expect(afterFailure({ what: 'a', count: 7 }, 'b', 0)).toEqual({ what: 'b', count: 1, due: 5000 })
})

test('a clock that was put back makes nobody wait for longer', () => {
  const retry = { what: 'a', count: 1, due: 3_600_000 }
  expect(afterFailure(retry, 'a', 0)).toEqual({ what: 'a', count: 1, due: 5000 })
})

test('what is due is written down before it is told, and another process goes on from there', async () => {
  let kept: Roster = emptyRoster
  const write = async (roster: Roster): Promise<void> => {
    kept = roster
  }
  const at = async (now: number): Promise<Retry> =>
    await keptRetries({ roster: kept, write, now: () => now }).next('demo', 'a')
  expect(await at(0)).toEqual({ what: 'a', count: 1, due: 5000 })
  expect(await at(4000)).toEqual({ what: 'a', count: 1, due: 5000 })
  expect(await at(5000)).toEqual({ what: 'a', count: 1 })
  // Killed before it could ask: the next one waits, and asks.
  expect(await at(5001)).toEqual({ what: 'a', count: 2, due: 15_001 })
  expect(kept.retries).toEqual({ demo: { what: 'a', count: 2, due: 15_001 } })
})

test.each([
  ['a refusal is the end of it', new CloudRefusal('quota'), {}],
  ['who does not answer may still do it', new Error('The time is over'), { demo: 7 }],
])('a stack is noted before it is asked for: %s', async (_case, error, left) => {
  let kept: Roster = emptyRoster
  const write = async (roster: Roster): Promise<void> => {
    kept = roster
  }
  const retries = keptRetries({ roster: kept, write, now: () => 7 })
  const call = async (): Promise<void> => {
    expect(kept.begun).toEqual({ demo: 7 })
    throw error
  }
  await expect(retries.begin('demo', call)).rejects.toBe(error)
  expect(kept.begun).toEqual(left)
})

test('the moment is told by the clock', () => {
  expect(triedAgainAt(Date.UTC(2026, 10, 29, 13, 5, 20))).toBe('it is tried again at 13:05:20 UTC')
})
