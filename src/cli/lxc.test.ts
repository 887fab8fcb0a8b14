import { expect, test } from 'vitest'
import { lxcNeeds } from '../catalog/index.ts'
import { whyNoLxc } from './lxc.ts'

const needs = (test: string) => lxcNeeds.map((need) => ({ ...need, test }))

test('a machine that has all that is asked for can run container guests', async () => {
  expect(await whyNoLxc(needs('true'))).toBeUndefined()
})

test('of another is said what it lacks, and what to do', async () => {
  const why = await whyNoLxc(needs('false'))
  expect(why).toMatch(
    /^container guests, as which nodes of clusters run, need .* not mounted on this machine\. Boot with /,
  )
  expect(why).toMatch(/spec\.underlay\.lxcNodes: 0\)$/)
})
