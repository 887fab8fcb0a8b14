import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cgroupHierarchies } from './cgroups.ts'
import { daemonIdentity, ensureDaemon, stopDaemon } from './daemon.ts'
import { withHostNames } from './hosts-file.ts'
import { statFields } from './identity.ts'
import { mountsBelow, parseMountinfo } from './mounts.ts'

const mountinfo = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
50 27 0:4 net:[4026532201] /state/netns/a rw shared:2 master:1 - nsfs nsfs rw
51 27 0:50 / /state/with\\040space rw - tmpfs tmpfs rw
52 27 0:51 / /state2 rw - tmpfs tmpfs rw
53 50 0:52 / /state/netns/a/b rw - tmpfs tmpfs rw
`

test('mountinfo is read with optional fields and escapes', () => {
  const mounts = parseMountinfo(mountinfo)
  expect(mounts).toHaveLength(8)
  expect(mounts[4]).toMatchObject({ mountPoint: '/state/netns/a', root: 'net:[4026532201]', fsType: 'nsfs' })
  expect(mounts[5]?.mountPoint).toBe('/state/with space')
})

test('mounts below a directory come in the order of taking them off, without those of its namesakes', () => {
  expect(mountsBelow(parseMountinfo(mountinfo), '/state').map(({ mountPoint }) => mountPoint)).toEqual([
    '/state/netns/a/b',
    '/state/with space',
    '/state/netns/a',
  ])
})

test('every hierarchy counts', () => {
  expect(cgroupHierarchies(parseMountinfo(mountinfo))).toEqual(['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified'])
})

test('a process name with brackets and spaces does not shift the fields', () => {
  const rest = ['S', ...Array.from({ length: 18 }, (_, index) => String(index)), '12345', 'x'].join(' ')
  expect(statFields(`7 (a) b (c)) ${rest}`)).toEqual({ state: 'S', startTime: '12345' })
})

test('host names come and go without touching other lines', () => {
  const before = '127.0.0.1 localhost\n# mine\n10.0.0.1 other # croque second\n'
  const named = withHostNames(before, 'first', ['cloud.test'])
  expect(named).toBe(`${before}127.0.0.1 cloud.test # croque first\n`)
  expect(withHostNames(named, 'first', ['cloud.test'])).toBe(named)
  expect(withHostNames(named, 'first', [])).toBe(before)
})

test('a daemon is started once and stopped with its children', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'croque-daemon-'))
  const daemon = {
    command: 'sh',
    args: ['-c', 'sleep 100 & wait'],
    pidFile: join(dir, 'pid'),
    logFile: join(dir, 'log'),
  }
  try {
    expect(await ensureDaemon(daemon)).toBe(true)
    expect(await ensureDaemon(daemon)).toBe(false)
    expect(await daemonIdentity(daemon.pidFile)).toBeDefined()
    await stopDaemon(daemon.pidFile)
    expect(await daemonIdentity(daemon.pidFile)).toBeUndefined()
    await writeFile(daemon.pidFile, `${process.pid} another-boot:1\n`)
    await stopDaemon(daemon.pidFile)
  } finally {
    await rm(dir, { recursive: true })
  }
})
