/** The whole thing on this machine, in its own state directory and under its own name, beside whatever a user has running. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const repoDir = join(import.meta.dirname, '../..')
const croque = join(repoDir, 'croque')
const name = 'e2e'
const directory = mkdtempSync(join(tmpdir(), 'croque-e2e-'))
const document = join(directory, 'cloud.yaml')
const minutes = 60_000
/** Commands that hand their arguments on know the cloud by the environment. */
const env = { ...process.env, CROQUE_CLOUD: name }

const text = `apiVersion: croque.dev/v1alpha1
kind: Cloud
metadata:
  name: ${name}
spec:
  underlay:
    type: embedded
    apiPort: 16543
  endpoints:
    port: 18443
`

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], limit = 20 * minutes): Ran {
  const result = spawnSync(croque, args, { encoding: 'utf8', timeout: limit, maxBuffer: 256 * 1024 * 1024, env })
  return { code: result.status ?? 1, stdout: result.stdout, stderr: result.stderr }
}

const withFile = (command: string, ...more: readonly string[]): Ran => run([command, '--file', document, ...more])

/** The last line of a command with `--output json`. */
function resultOf({ stdout }: Ran): { ok: boolean; changes: Record<string, number>; seconds: number } {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}')
}

const kubectl = (...args: readonly string[]): Ran => run(['kubectl', ...args])

/** Process ids of the guests, as the node sees them (the libvirt Pod shares the node's process namespace). */
const guests = (): string =>
  kubectl(
    '-n',
    'openstack',
    'exec',
    'daemonset/nova-libvirt',
    '-c',
    'libvirt',
    '--',
    'pgrep',
    '-f',
    'guest=instance-',
  ).stdout.trim()

/** What `down` must leave as it was. */
function machine(): Record<string, string> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`/${name}/`))
  const groups = spawnSync('find', ['/sys/fs/cgroup', '-path', `*/croque/${name}*`], { encoding: 'utf8' }).stdout
  return { hosts: readFileSync('/etc/hosts', 'utf8'), mounts: mounts.join('\n'), groups }
}

/** What went wrong in a run with `--output json`. */
const failures = ({ stdout, stderr }: Ran): string =>
  `${stdout
    .split('\n')
    .filter((line) => line.includes('"failed"') || line.includes('"type":"error"'))
    .join('\n')}\n${stderr.slice(-2000)}`

let before: Record<string, string>

beforeAll(() => {
  writeFileSync(document, text)
  withFile('down', '--yes')
  before = machine()
})

afterAll(() => {
  withFile('down', '--yes')
  rmSync(directory, { recursive: true, force: true })
})

describe('a cloud on this machine', () => {
  test('a wrong document is refused with its places, and nothing is touched', () => {
    const wrong = join(directory, 'wrong.yaml')
    writeFileSync(wrong, text.replace('port: 18443', 'prt: 18443').replace('type: embedded', 'type: embeded'))
    const { code, stdout, stderr } = run(['up', '--file', wrong])
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/wrong\.yaml:\d+:\d+/)
    expect(stdout + stderr).toContain('embedded')
    expect(machine()).toEqual(before)
  })

  test('up that is killed outright goes on when it is run again, to a server that is ACTIVE', async () => {
    const killed = spawn(croque, ['up', '--file', document], { stdio: 'ignore' })
    await sleep(45_000)
    killed.kill('SIGKILL')
    await new Promise((resolve) => killed.once('exit', resolve))
    const up = withFile('up', '--output', 'json')
    expect(resultOf(up).ok, failures(up)).toBe(true)
  })

  test('the clients work', () => {
    const pods = kubectl('get', 'pods', '-A', '-o', 'name')
    expect(pods.stdout).toContain('nova-compute')
    const servers = kubectl(
      '-n',
      'openstack',
      'exec',
      'deployment/toolbox-client',
      '-c',
      'client',
      '--',
      '/var/lib/openstack/bin/openstack',
      'server',
      'list',
      '-f',
      'json',
    )
    const list = JSON.parse(servers.stdout) as readonly { Name: string; Status: string }[]
    expect(list.map(({ Name, Status }) => [Name, Status])).toEqual([['croque-verify', 'ACTIVE']])
  })

  test('the plan is empty, and a second up writes nothing', () => {
    expect(withFile('plan').code).toBe(0)
    const { ok, changes } = resultOf(withFile('up', '--output', 'json'))
    expect(ok).toBe(true)
    expect(changes).toMatchObject({ created: 0, configured: 0, replaced: 0, deleted: 0 })
  })

  test('the public name leads Pods to the gateway', async () => {
    const lookUp = (): string =>
      kubectl(
        '-n',
        'openstack',
        'exec',
        'deployment/toolbox-client',
        '-c',
        'client',
        '--',
        'getent',
        'hosts',
        `${name}.croque.local`,
      ).stdout
    // The kubelet brings a changed ConfigMap into a running Pod within a minute or so.
    await expect.poll(lookUp, { timeout: 180_000, interval: 3000 }).toContain('172.24.4.1')
  })

  test('a change of the document is planned, applied and gone when taken back', async () => {
    writeFileSync(
      document,
      `${text}  services:\n    placement:\n      config:\n        placement.conf: {placement: {randomize_allocation_candidates: true}}\n`,
    )
    const plan = withFile('plan', '--output', 'json')
    expect(plan.code).toBe(2)
    expect(plan.stdout).toContain('placement-api')
    const changed = withFile('up', '--output', 'json')
    expect(resultOf(changed).ok, failures(changed)).toBe(true)
    // What was deleted may take a moment to be gone.
    await expect.poll(() => withFile('plan').code, { timeout: 120_000, interval: 3000 }).toBe(0)
    writeFileSync(document, text)
    expect(resultOf(withFile('up', '--output', 'json')).ok).toBe(true)
  })

  test.each(['nova-compute', 'nova-libvirt', 'ovn-vswitchd', 'ovn-ovsdb', 'ovn-gateway', 'neutron-agent'])(
    'a guest outlives the Pod of %s',
    async (agent) => {
      const process = guests()
      expect(process).toMatch(/^\d+/)
      expect(
        kubectl('-n', 'openstack', 'delete', 'pod', '-l', `croque.dev/component=${agent.replace('-', '.')}`).code,
      ).toBe(0)
      await sleep(2000)
      await expect.poll(() => readyAgents(agent), { timeout: 240_000, interval: 2000 }).toBe('1')
      expect(guests()).toBe(process)
    },
  )

  test('everything still works: a new server is made, answers and is removed', () => {
    const verify = withFile('verify')
    expect(verify.code, `${verify.stdout.slice(-4000)}\n${verify.stderr.slice(-2000)}`).toBe(0)
  })

  test('down leaves the machine as it was', () => {
    const down = withFile('down', '--yes')
    expect(down.code, down.stdout + down.stderr).toBe(0)
    expect(machine()).toEqual(before)
  })
})

const readyAgents = (agent: string): string =>
  kubectl('-n', 'openstack', 'get', 'daemonset', agent, '-o', 'jsonpath={.status.numberReady}').stdout.trim()
