/** The command line of `cluster`, where there is no cloud: what is refused is refused before one is looked for. */
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from '../commands.ts'
import { ran } from '../fixture.ts'

const repoDir = resolve(import.meta.dirname, '../../..')
const cluster = async (...argv: readonly string[]) => await ran(['cluster', ...argv], commands, { repoDir })

test.each([
  ['create', 'takes one cluster'],
  ['create one two', 'takes one cluster'],
  ['create demo --label alone', 'key=value'],
  ['create demo --node-count many', 'whole number'],
  ['list demo', 'takes no cluster'],
  ['resize demo', 'a number of nodes'],
  ['resize demo three', 'whole one'],
  ['upgrade demo', 'the template'],
  ['kubectl', 'takes a cluster'],
  ['kill demo', 'Allowed: create'],
])('`cluster %s` is refused', async (line, says) => {
  const { exit, stderr } = await cluster(...line.split(' '))
  expect([exit, stderr]).toEqual([1, expect.stringContaining('error[argument-invalid]')])
  expect(stderr).toContain(says)
})

test('what follows -- is for kubectl, options and all', async () => {
  const { stderr } = await cluster('kubectl', 'demo', '--', 'get', 'nodes', '-A')
  expect(stderr).toContain('error[underlay-absent]')
})

test.each(['create demo', 'list', 'show demo', 'kubeconfig demo', 'delete demo'])(
  '`cluster %s` says that there is no cloud',
  async (line) => {
    const { exit, stderr } = await cluster(...line.split(' '))
    expect([exit, stderr]).toEqual([1, expect.stringContaining('error[underlay-absent]')])
  },
)
