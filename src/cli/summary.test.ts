import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { knownServices, render } from '../render/index.ts'
import { loadCloud } from '../spec/index.ts'
import { commands } from './commands.ts'
import { nextCommands, upSummary } from './summary.ts'

function installation(spec: object, lxc = false) {
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const site = { images: {}, virtType: 'qemu', datapath: 'netdev', lxc } as const
  return { cloud: loaded.cloud, steps: render(loaded.cloud, site).steps }
}

test.each([
  ['a verified cloud', {}, true, 'is up: a server is ACTIVE at https://cloud.croque.local:8443'],
  ['one that was not verified', {}, false, 'is up at https://cloud.croque.local:8443; it was not verified'],
  [
    'one without first content',
    { content: { enabled: false } },
    true,
    'is up at https://cloud.croque.local:8443; no server was tried',
  ],
])('%s', (_case, spec, verified, expected) => {
  expect(upSummary(installation(spec), verified)).toBe(`The cloud cloud ${expected}`)
})

const always = ['./croque openstack server list', './croque status', './croque down']
const cluster = ['./croque cluster create demo', './croque cluster kubeconfig demo --to demo.kubeconfig']

test.each([
  ['where clusters are offered, the way to one', true, true, [...cluster, ...always]],
  ['where they are not', false, true, always],
  ['first what was left out', true, false, ['./croque verify', ...cluster, ...always]],
])('next: %s', async (_case, lxc, verified, expected) => {
  expect(nextCommands(installation({}, lxc), verified)).toEqual(expected)
  const { findCommand, parseCommand } = await import('./args.ts')
  for (const line of expected) {
    const [, name = '', ...argv] = line.split(' ')
    expect(() => parseCommand(findCommand(name, commands), argv)).not.toThrow()
  }
})
