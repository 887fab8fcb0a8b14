import { expect, test } from 'vitest'
import { parseResults } from './results.ts'

test('every test is known by its outcome', () => {
  const said = `
{0} setUpClass (tempest.api.x.Swift) ... SKIPPED: swift is not available
{1} tempest.api.x.Test.test_a[id-1,smoke] [1.234567s] ... ok
{0} tempest.api.x.Test.test_b[id-2] [12.000000s] ... FAILED
{1} tempest.api.x.Test.test_c[id-3] [0.100000s] ... inprogress

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):
======
Totals
======
`
  expect(parseResults(said)).toEqual({
    passed: ['tempest.api.x.Test.test_a[id-1,smoke]'],
    failed: ['tempest.api.x.Test.test_b[id-2]', 'tempest.api.x.Test.test_c[id-3]'],
    skipped: ['setUpClass (tempest.api.x.Swift): swift is not available'],
  })
})

test('a run without a test has failed', () => {
  expect(parseResults('Traceback: no configuration').failed).toEqual(['no test was run'])
})
