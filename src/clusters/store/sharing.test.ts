import { expect, test } from 'vitest'
import { sharing } from './sharing.ts'

test('who asks while a run is under way shares the next; nobody is answered by one that began before', async () => {
  const runs: PromiseWithResolvers<number>[] = []
  const ask = sharing(async () => {
    const run = Promise.withResolvers<number>()
    runs.push(run)
    return await run.promise
  })
  const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))
  const first = [ask(), ask()]
  await turn()
  expect(runs).toHaveLength(1)
  const second = [ask(), ask()]
  await turn()
  expect(runs).toHaveLength(1)
  runs[0]?.resolve(1)
  expect(await Promise.all(first)).toEqual([1, 1])
  await turn()
  expect(runs).toHaveLength(2)
  const third = ask()
  runs[1]?.reject(new Error('away'))
  for (const one of second) await expect(one).rejects.toThrow('away')
  await turn()
  runs[2]?.resolve(3)
  expect(await third).toBe(3)
})
