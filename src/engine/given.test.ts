import { expect, test } from 'vitest'
import { lackingSecrets } from './given.ts'

const rendering = { namespace: 'cloud', given: { mine: ['a', 'b', 'c'] } }
const holding = (data: Readonly<Record<string, string>> | undefined) => ({
  get: async () =>
    data === undefined ? undefined : { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' }, data },
})

test.each([
  ['nothing there', undefined, [{ name: 'mine', keys: ['a', 'b', 'c'], absent: true }]],
  ['one empty, one not there', { a: 'eA==', b: '' }, [{ name: 'mine', keys: ['b', 'c'], absent: false }]],
  ['all there', { a: 'eA==', b: 'eA==', c: 'eA==' }, []],
])('what a Secret of the user lacks: %s', async (_case, data, lacking) => {
  expect(await lackingSecrets(rendering, holding(data))).toEqual(lacking)
})
