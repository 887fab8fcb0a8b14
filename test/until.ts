/** A test that would begin after the end of the time (`CROQUE_TEST_UNTIL`, milliseconds since 1970) is skipped; see src/cli/commands/test.ts. */
import { beforeEach } from 'vitest'

const until = Number(process.env['CROQUE_TEST_UNTIL'] ?? Number.POSITIVE_INFINITY)

beforeEach(({ skip }) => {
  if (Date.now() > until) skip('the time for tests is over')
})
