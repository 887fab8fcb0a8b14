import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeImageKinds } from '../images/index.ts'
import { commands } from './commands.ts'
import { ran } from './fixture.ts'

const repoDir = resolve(import.meta.dirname, '../..')
let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'croque-node-image-'))
})
afterEach(async () => await rm(scratch, { recursive: true }))

const nodeImage = async (...argv: string[]) =>
  await ran(['node-image', ...argv], commands, {
    repoDir,
    cacheDir: join(scratch, 'cache'),
    stateDir: join(scratch, 'state'),
  })

test('lists every version where there is no cloud and nothing is built', async () => {
  const { exit, stdout } = await nodeImage('list')
  expect(exit).toBe(0)
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^VERSION +BUILT +SIZE +WHOLE DISK +IN THE CLOUD$/)
  expect(rows.map((row) => row.split(/ +/))).toEqual(nodeImageKinds.map((version) => [version, 'no', '-', '-', '-']))
})

test('lists for programs', async () => {
  const { lines } = await nodeImage('list', '-o', 'json')
  expect(lines.find(({ type }) => type === 'data')).toMatchObject({
    data: nodeImageKinds.map((version) => ({ version, built: false })),
  })
})

test.each([
  ['no version', ['build'], 'v1.35.4 and v1.34.4'],
  ['a version that there is not', ['build', '1.35.3'], 'Did you mean v1.35.4?'],
  ['a swarm that is misspelt', ['build', 'swam'], 'Did you mean swarm?'],
  ['a version to list', ['list', 'v1.35.4'], 'takes no version'],
  ['a kind of host for building', ['build', 'v1.35.4', '--hypervisor', 'lxc'], 'node-image import'],
  ['a kind of host that there is not', ['import', 'v1.35.4', '--hypervisor', 'xen'], 'lxc'],
  ['a whole disk to list', ['list', '--whole-disk'], 'takes no --whole-disk'],
  ['a whole disk for containers', ['import', '1.35.4', '--whole-disk', '--hypervisor', 'lxc'], 'virtual machines'],
])('refuses %s before anything is done', async (_case, argv, says) => {
  const { exit, stderr } = await nodeImage(...argv)
  expect([exit, stderr]).toEqual([1, expect.stringContaining('error[argument-invalid]')])
  expect(stderr).toContain(says)
})

test('builds nothing for a cloud that is not there', async () => {
  const { exit, stderr } = await nodeImage('import', '1.34.4')
  expect([exit, stderr]).toEqual([1, expect.stringContaining('error[underlay-absent]')])
})
