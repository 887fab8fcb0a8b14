import { expect, test } from 'vitest'
import { judge, judgeNeed, type MachineFacts } from './preflight-judge.ts'

const gib = 1024 ** 3
const good: MachineFacts = {
  uid: 0,
  arch: 'x64',
  free: [{ path: '/state', bytes: 50 * gib }],
  memory: 16 * gib,
  processors: 2,
  cgroup: 'v1',
  features: [{ name: 'nftables', failure: undefined }],
  missingPackages: [],
  hasApt: true,
  takenPorts: [],
  dnsFailure: undefined,
}

const failed = (facts: Partial<MachineFacts>): readonly [string, string][] =>
  judge({ ...good, ...facts })
    .filter(({ ok }) => !ok)
    .map(({ check, severity }) => [check, severity])

test('a good machine has no finding that is not ok', () => {
  expect(failed({})).toEqual([])
})

test.each<[string, Partial<MachineFacts>, [string, string][]]>([
  ['not root', { uid: 1000 }, [['root', 'error']]],
  ['another processor', { arch: 'arm64' }, [['architecture', 'error']]],
  ['little disk', { free: [{ path: '/state', bytes: 10 * gib }] }, [['disk /state', 'warning']]],
  ['no disk', { free: [{ path: '/state', bytes: gib }] }, [['disk /state', 'error']]],
  ['no control groups', { cgroup: 'none' }, [['cgroups', 'error']]],
  [
    'a kernel without nftables',
    { features: [{ name: 'nftables', failure: 'Operation not supported' }] },
    [['kernel nftables', 'error']],
  ],
  ['missing packages', { missingPackages: ['runc'] }, [['packages', 'fixable']]],
  ['missing packages and no apt', { missingPackages: ['runc'], hasApt: false }, [['packages', 'error']]],
  ['a taken port', { takenPorts: [16443] }, [['port 16443', 'error']]],
  ['no resolver', { dnsFailure: 'ENOTFOUND' }, [['names', 'warning']]],
  [
    'several things at once',
    { uid: 1, memory: gib, processors: 1 },
    [
      ['root', 'error'],
      ['memory', 'warning'],
      ['processors', 'warning'],
    ],
  ],
])('%s', (_, facts, expected) => {
  expect(failed(facts)).toEqual(expected)
})

test('what the cloud needs of the kernel is told with what to do, and what nodes in containers never have as such', () => {
  const need = {
    check: 'backend disks: device-mapper',
    roles: ['storage'],
    test: 'false',
    message: 'no',
    next: 'modprobe',
  }
  expect(judgeNeed({ ...need, message: 'there is none in' }, false)).toEqual({
    check: 'backend disks: device-mapper',
    ok: false,
    severity: 'error',
    message: 'there is none in this machine',
    next: 'modprobe',
  })
  expect(judgeNeed(need, true)).toMatchObject({ ok: true })
  expect(judgeNeed({ ...need, notEmbedded: 'never here' }, true)).toMatchObject({ ok: false, message: 'never here' })
})
