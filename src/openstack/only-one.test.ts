import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { onlyOne } from './only-one.ts'

it('several runs at once end with one, and all with the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(12), { minLength: 6, maxLength: 6 }),
      fc.infiniteStream(fc.nat(4)),
      async (ids, delays) => {
        const present = new Map<string, { id: string }>()
        const wait = () => sleep(delays.next().value ?? 0)
        const run = async (own: number) => {
          await wait()
          let made = 0
          return onlyOne({
            list: async () => {
              await wait()
              const seen = [...present.values()]
              await wait()
              return seen
            },
            create: async () => {
              await wait()
              made += 1
              const one = { id: `${ids[own]}-${own}-${made}` }
              present.set(one.id, one)
              await wait()
              return one
            },
            remove: async (extra) => {
              present.delete(extra.id)
            },
            patienceMs: 400,
          })
        }
        const results = await Promise.all([run(0), run(1)])
        expect(present.size).toBe(1)
        expect(new Set(results.map(({ value }) => value.id))).toEqual(new Set(present.keys()))
      },
    ),
    { numRuns: 10 },
  )
})
