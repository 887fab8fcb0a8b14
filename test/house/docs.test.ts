import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the reference pages are what the tables say', () => {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const { status, stderr, stdout } = spawnSync(process.execPath, [main, 'docs', '--check'], { encoding: 'utf8' })
  expect(status, stdout + stderr).toBe(0)
})
