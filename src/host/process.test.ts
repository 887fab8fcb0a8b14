import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify, run } from './index.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'croque-run-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Runs a script by `run` in a process of its own, kills that once the script has written its pid, and tells whether it lives on. */
async function livesOn(options: string): Promise<boolean> {
  const pidFile = join(directory, 'pid')
  const program = `import { run } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    await run('sh', ['-c', 'echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 20'], ${options})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
  await expect.poll(() => existsSync(pidFile), { timeout: 8000 }).toBe(true)
  const pid = Number(readFileSync(pidFile, 'utf8'))
  child.kill('SIGKILL')
  await new Promise((done) => child.once('exit', done))
  const gone = await expect
    .poll(async () => await identify(pid), { timeout: 1000 })
    .toBeUndefined()
    .then(
      () => true,
      () => false,
    )
  if (!gone) process.kill(pid, 'SIGKILL')
  return !gone
}

test('a program ends with the process that runs it, unless it must not be cut short', async () => {
  expect(await livesOn('{}')).toBe(false)
  rmSync(join(directory, 'pid'))
  expect(await livesOn('{ outlives: true }')).toBe(true)
})

test('what a failed program said is in the error, a full disk has a code of its own', async () => {
  await expect(run('sh', ['-c', 'echo bad luck >&2; exit 3'])).rejects.toMatchObject({
    code: 'command-failed',
    why: 'bad luck',
  })
  await expect(run('sh', ['-c', 'echo "cp: x: No space left on device" >&2; exit 1'])).rejects.toMatchObject({
    code: 'disk-full',
  })
  await expect(run('no-such-program', [])).rejects.toMatchObject({ code: 'command-failed' })
})
