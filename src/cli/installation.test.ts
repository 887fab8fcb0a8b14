/** Whether a cloud has a node for container guests, as which nodes of clusters run, where its document leaves that open. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { writeFileAtomically } from '../host/index.ts'
import { commands } from './commands.ts'
import { keepDocument } from './document.ts'
import { ran } from './fixture.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-installation-'))
  // As if it had been tried since the last boot: no test starts a guest for that.
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  await writeFileAtomically(place('cache/kvm.json'), JSON.stringify({ boot, usable: false }))
})
afterEach(async () => await rm(directory, { recursive: true }))
const place = (path: string): string => join(directory, path)

type WhyNoLxc = () => Promise<string | undefined>
const why = 'container guests need what is not here. Boot with it'
const able: WhyNoLxc = async () => undefined
const unable: WhyNoLxc = async () => why
const unasked: WhyNoLxc = async () => await Promise.reject(new Error('nobody asks the machine'))

/** What a command answers programs with. */
async function answerOf(argv: readonly string[], whyNoLxc: WhyNoLxc) {
  const repoDir = join(import.meta.dirname, '../..')
  const machine = { repoDir, cwd: directory, stateDir: place('state'), cacheDir: place('cache'), whyNoLxc }
  const { lines, stdout } = await ran([...argv, '--output', 'json'], commands, machine)
  const answer = lines.find(({ type }) => type === 'data')
  if (answer === undefined) throw new Error(stdout)
  return answer['data'] as Readonly<Record<string, unknown>>
}

/** What `up` would make of a document, or of none. */
async function made(whyNoLxc: WhyNoLxc, spec?: object) {
  const text = spec && stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  await keepDocument(place('state/cloud'), text)
  const given = spec === undefined ? [] : ['--file', place('state/cloud/cloud.yaml')]
  const { units } = await answerOf(['render', ...given], whyNoLxc)
  const ids = (units as readonly { readonly id: string }[]).map(({ id }) => id)
  return { hosts: ids.includes('nova/compute-lxc'), offered: ids.includes('content/cluster-template') }
}

/** What `status` says of it, and `up` at its end. */
const told = async (whyNoLxc: WhyNoLxc) => (await answerOf(['status'], whyNoLxc))['notices']

const offering = { hosts: true, offered: true }
const nothing = { hosts: false, offered: false }
const reason = `No clusters are offered: ${why}.`
const lxcNodes = (count: number) => ({ underlay: { lxcNodes: count } })

test.each([
  ['no document, where they can run', able, undefined, offering, []],
  ['no document, where they cannot', unable, undefined, nothing, [reason]],
  ['a document without a number, where they can run', able, { size: 'tiny' }, offering, []],
  ['a document without a number, where they cannot', unable, { size: 'tiny' }, nothing, [reason]],
  ['none wanted', unasked, lxcNodes(0), nothing, []],
  ['one wanted, which preflight refuses where it cannot be', unasked, lxcNodes(1), offering, []],
  ['clusters not wanted', unable, { services: { magnum: { enabled: false } } }, nothing, []],
  ['no first content wanted', unable, { content: { enabled: false } }, nothing, []],
])('%s', async (_case, machine, spec, expected, notices) => {
  expect(await made(machine, spec)).toEqual(expected)
  expect(await told(machine)).toEqual(notices)
})

test("of somebody else's cluster the nodes tell, not this machine", async () => {
  expect(await made(unasked, { underlay: { type: 'kubeconfig', kubeconfig: 'absent' } })).toEqual(nothing)
})

test('a node that was made stays, whatever became of the machine', async () => {
  const record = { version: 1, apiPort: 1, rootfs: '', binaries: '', addons: '', members: ['cloud-1', 'cloud-lxc-1'] }
  await writeFileAtomically(place('state/cloud/underlay.json'), JSON.stringify(record))
  expect(await made(unable)).toEqual(offering)
})
