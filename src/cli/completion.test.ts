import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { commands } from './commands.ts'
import { completionScript, isShell } from './completion.ts'

const bash = completionScript('bash', commands)

test.each(['bash', 'zsh', 'fish'] as const)('%s', async (shell) => {
  expect(isShell(shell)).toBe(true)
  await expect(completionScript(shell, commands)).toMatchFileSnapshot(`golden/completion.${shell}`)
})

/** Checks where the shell is on this machine. */
test.each([
  ['bash', ['-n']],
  ['zsh', ['-f', '-n', '/dev/stdin']],
  ['fish', ['--no-config', '-n', '/dev/stdin']],
] as const)('%s takes its script', (shell, args) => {
  const { status, stderr, error } = spawnSync(shell, args, {
    input: completionScript(shell, commands),
    encoding: 'utf8',
  })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return
  expect([status, stderr]).toEqual([0, ''])
})

/** What bash offers for the last word. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${bash}\nCOMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_croque\nprintf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'croque', ...words], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.trim().split('\n')
}

test.each([
  [['pl'], ['plan']],
  [['he'], ['help']],
  [['clouds'], ['clouds.yaml']],
  [
    ['status', '--'],
    ['--name', '--watch', '--output', '--verbose', '--help'],
  ],
  [
    ['plan', '--output', ''],
    ['text', 'json'],
  ],
  [['up', '--file', ''], ['']],
  [['completion', 'f'], ['fish']],
  [['help', 'lo'], ['logs']],
  [['openstack', '--he'], ['']],
])('bash after %j offers %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected)
})
