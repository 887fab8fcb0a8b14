import { expect, test } from 'vitest'
import { recorded } from './against.ts'
import { compare } from './compare.ts'
import { departures } from './departures.ts'
import { scenarios } from './requests/index.ts'

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  'the recording is of the requests as they stand: %s',
  async (_, scenario) => {
    for (const version of scenario.since === '23' ? (['23'] as const) : (['22', '23'] as const)) {
      const exchanges = await recorded(version, scenario)
      const asked = scenario.steps.map(({ ask, as = 'member', body }) => ({ ask, as, body }))
      const without = JSON.parse(JSON.stringify(asked)) as unknown
      expect(exchanges.map(({ ask, as, body }) => ({ ask, as, ...(body === undefined ? {} : { body }) }))).toEqual(
        without,
      )
    }
  },
)

/** Where Magnum 23 took the way that we had taken. */
const asWeDo = [
  'A driver that is not there is refused with the template',
  'An image that is not there is not called an unsupported type',
]

test('Magnum 22 is like itself, and 23 differs in few answers', async () => {
  let different = 0
  let all = 0
  for (const scenario of scenarios.filter(({ since }) => since !== '23')) {
    const own = await recorded('22', scenario)
    expect(compare([own], own, departures).differences).toEqual([])
    const { same, departed } = compare([own], await recorded('23', scenario), departures)
    different += own.length - same
    all += own.length
    expect(asWeDo).toEqual(expect.arrayContaining([...departed.keys()]))
  }
  expect(all).toBeGreaterThan(2000)
  expect(different).toBeLessThan(all / 4)
})
