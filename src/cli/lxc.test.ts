import { expect, test } from 'vitest'
import { lxcNeeds } from '../catalog/index.ts'
import { whyNoLxc } from './lxc.ts'

const asked = (test: string, kvm = false) =>
  whyNoLxc(
    { cacheDir: 'not looked at', signal: new AbortController().signal },
    { needs: lxcNeeds.map((need) => ({ ...need, test })), hasKvm: async () => kvm },
  )

test('a machine that has all that is asked for can run container guests', async () => {
  expect(await asked('true')).toBeUndefined()
})

test('of another is said what it lacks, and what to do', async () => {
  const why = await asked('false')
  expect(why).toMatch(
    /^container guests, as which nodes of clusters run without KVM, need .* not mounted on this machine\. Boot with /,
  )
  expect(why).toMatch(/spec\.underlay\.lxcNodes: 0\)$/)
})

test('one with KVM needs none', async () => {
  expect(await asked('true', true)).toMatch('has KVM')
})
