import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../model/fixture.ts'
import { visibleStatus } from '../model/index.ts'
import { done, startTrial, type Trial, waiting } from './trial.ts'

const minute = 60_000
const uuidOf = (index: number): string => `00000000-0000-4000-8000-00000000000${index}`

async function asked({ store }: Trial, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1)
    await store.clusters.create(uuidOf(index), clusterSpecFixture({ name: `c${index}` }))
}

/** Names of clusters that the driver was asked to make in those milliseconds. */
async function madeIn(trial: Trial, ms: number): Promise<readonly string[]> {
  const names = new Set<string>()
  const { make } = trial.answers
  trial.answers.make = (wish) => {
    names.add(wish.cluster.spec.name)
    return make(wish)
  }
  await trial.clock.advance(ms)
  trial.answers.make = make
  return [...names].toSorted()
}

test('so many are made at once; the others say what they wait for, and come when those are there', async () => {
  const trial = startTrial({ createsAtOnce: 2 })
  trial.answers.make = () => waiting('servers', 5000)
  await asked(trial, 4)
  expect(await madeIn(trial, minute)).toEqual(['c1', 'c2'])
  expect(trial.cluster('c3')?.status.progress).toBe(
    'Waiting for its turn: others are being made, and conductor.creates_at_once is 2',
  )
  trial.answers.make = ({ cluster }) => (cluster.spec.name === 'c1' ? done() : waiting('servers', 5000))
  expect(await madeIn(trial, minute)).toEqual(['c1', 'c2', 'c3'])
  trial.answers.make = () => done()
  await trial.clock.advance(minute)
  expect(trial.store.clusters.all().map(visibleStatus)).toEqual(Array(4).fill('CREATE_COMPLETE'))
  await trial.stop()
})

test('one that takes long keeps nobody, nor does one that nobody wants any more', async () => {
  const trial = startTrial({ createsAtOnce: 1 })
  trial.answers.make = () => waiting('servers', 5000)
  await asked(trial, 3)
  expect(await madeIn(trial, 9 * minute)).toEqual(['c1'])
  expect(await madeIn(trial, 2 * minute)).toEqual(['c1', 'c2'])
  const second = trial.store.clusters.get(uuidOf(2))
  if (second !== undefined) await trial.store.clusters.delete(second)
  expect(await madeIn(trial, minute)).toContain('c3')
  await trial.stop()
})

test('what is there already goes on, whoever works on it now', async () => {
  const trial = startTrial({ createsAtOnce: 1 })
  trial.answers.make = () => waiting('servers', 5000)
  await asked(trial, 2)
  const second = trial.store.clusters.get(uuidOf(2))
  if (second !== undefined) await trial.store.clusters.setStatus(second, { ...second.status, stackId: 'stack' })
  expect(await madeIn(trial, minute)).toEqual(['c1', 'c2'])
  await trial.stop()
})

test('any number where nothing is said', async () => {
  const trial = startTrial()
  trial.answers.make = () => waiting('servers', 5000)
  await asked(trial, 4)
  expect(await madeIn(trial, minute)).toHaveLength(4)
  await trial.stop()
})
