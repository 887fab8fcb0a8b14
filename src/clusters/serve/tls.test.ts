import { expect, test } from 'vitest'
import { simulatedClock } from '../clock/index.ts'
import { loadConfig } from './config.ts'
import { keepCurrent, type Pair, tlsFiles } from './tls.ts'

test('a pair is what the configuration names, whole or not at all', () => {
  expect(tlsFiles(loadConfig('', {}))).toBeUndefined()
  expect(tlsFiles(loadConfig('api: {tls_cert_file: /c, tls_key_file: /k}', {}))).toEqual({ cert: '/c', key: '/k' })
})

test('a pair that was renewed is served, one that does not fit is tried again, and nothing is done for the same', async () => {
  const clock = simulatedClock()
  const ended = new AbortController()
  const served: unknown[] = []
  const failures: unknown[] = []
  let renewals = 0
  const first = { cert: 'c1', key: 'k1' }
  let there: Pair | undefined = first
  const read = async (): Promise<Pair> => {
    if (there === undefined) throw new Error('it is not there')
    return there
  }
  const server = {
    setSecureContext: (pair: unknown) => {
      if ((pair as Pair).cert.slice(1) !== (pair as Pair).key.slice(1)) throw new Error('they do not fit')
      served.push(pair)
    },
  }
  const running = keepCurrent(read, first, {
    ...{ server, clock, signal: ended.signal },
    onRenewal: () => {
      renewals += 1
    },
    onFailure: (error) => failures.push(error),
  })
  const later = async (): Promise<void> => await clock.advance(30_000)
  await later()
  expect([served, failures]).toEqual([[], []])
  there = { cert: 'c2', key: 'k1' }
  await later()
  expect([served.length, failures.length]).toEqual([0, 1])
  there = { cert: 'c2', key: 'k2' }
  for (let looks = 0; looks < 5; looks += 1) await later()
  expect([served, renewals]).toEqual([[{ cert: 'c2', key: 'k2' }], 1])
  there = undefined
  await later()
  expect(failures).toHaveLength(2)
  ended.abort()
  await running
})
