/**
 * A test that would begin after the end of the time (`CROQUE_TEST_UNTIL`, milliseconds since 1970) is skipped. One that failed is written
 * down at once (`CROQUE_TEST_FAILED`, a path): a run that is cut off makes no report. See src/cli/commands/test.ts.
 */
import { appendFileSync } from 'node:fs'
import { afterEach, beforeEach } from 'vitest'

const until = Number(process.env['CROQUE_TEST_UNTIL'] ?? Number.POSITIVE_INFINITY)

beforeEach(({ skip }) => {
  if (Date.now() > until) skip('the time for tests is over')
})

const failed = process.env['CROQUE_TEST_FAILED']

afterEach(({ task }) => {
  if (failed !== undefined && task.result?.state === 'fail') appendFileSync(failed, `${task.file.name}: ${task.name}\n`)
})
