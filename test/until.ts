/**
 * A test that would begin after the end of the time (`CROQUE_TEST_UNTIL`, milliseconds since 1970) is skipped. A run that is cut off makes no
 * report, so a test that failed is written down at once (`CROQUE_TEST_FAILED`, a path), and so is the one that runs (`CROQUE_TEST_RUNNING`).
 * See src/cli/commands/test.ts.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach } from 'vitest'

const until = Number(process.env['CROQUE_TEST_UNTIL'] ?? Number.POSITIVE_INFINITY)

const failed = process.env['CROQUE_TEST_FAILED']
const running = process.env['CROQUE_TEST_RUNNING']

beforeEach(({ skip, task }) => {
  if (Date.now() > until) skip('the time for tests is over')
  if (running !== undefined) writeFileSync(running, task.name)
})

afterEach(({ task }) => {
  if (failed !== undefined && task.result?.state === 'fail') appendFileSync(failed, `${task.file.name}: ${task.name}\n`)
})
