import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const script = resolve(import.meta.dirname, '../../images/contract/root/usr/local/bin/kolla_set_configs')
const isRoot = process.getuid?.() === 0
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'croque-kolla-'))
  chmodSync(root, 0o777)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const mode = (path: string): number => statSync(join(root, path)).mode & 0o7777

interface Options {
  readonly arguments?: readonly string[]
  readonly strategy?: string | undefined
  readonly uid?: number
}

function setConfigs(config: unknown, options: Options = {}) {
  const strategy = 'strategy' in options ? options.strategy : 'COPY_ALWAYS'
  const env = {
    PATH: '/usr/bin:/bin',
    KOLLA_ROOT: root,
    ...(config === undefined ? {} : { KOLLA_CONFIG: typeof config === 'string' ? config : JSON.stringify(config) }),
    ...(strategy === undefined ? {} : { KOLLA_CONFIG_STRATEGY: strategy }),
  }
  const uid = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
  const result = spawnSync(
    '/usr/bin/python3',
    ['-ISE', '-c', readFileSync(script, 'utf8'), ...(options.arguments ?? [])],
    { env, encoding: 'utf8', ...uid },
  )
  return { code: result.status, out: result.stdout, err: result.stderr }
}

const one = (entry: Record<string, unknown>) => ({ command: 'run', config_files: [entry] })

describe('config_files', () => {
  test('copies a file with its mode, and says nothing', () => {
    put('/src/a.conf', 'new')
    put('/etc/x/a.conf', 'old')
    expect(setConfigs(one({ source: '/src/a.conf', dest: '/etc/x/a.conf', perm: '0600' }))).toEqual({
      code: 0,
      out: '',
      err: '',
    })
    expect(read('/etc/x/a.conf')).toBe('new')
    expect(mode('/etc/x/a.conf')).toBe(0o600)
  })

  test('a directory takes the place of the old one; who may read it may enter it', () => {
    put('/src/d/a', '1')
    put('/src/d/sub/b', '2')
    put('/etc/d/stale', 'x')
    expect(setConfigs(one({ source: '/src/d', dest: '/etc/d', perm: '0640' })).code).toBe(0)
    expect([read('/etc/d/a'), read('/etc/d/sub/b'), existsSync(join(root, 'etc/d/stale'))]).toEqual(['1', '2', false])
    expect(mode('/etc/d/sub')).toBe(0o750)
  })

  test('with merge what is there already stays', () => {
    put('/src/d/a', '1')
    put('/etc/d/kept', 'x')
    expect(setConfigs(one({ source: '/src/d/', dest: '/etc/d/', merge: true })).code).toBe(0)
    expect(read('/etc/d/kept')).toBe('x')
  })

  test('a pattern copies into the directory, without what is ignored', () => {
    put('/src/a.ini', '1')
    put('/src/b.ini', '2')
    put('/src/c.txt', '3')
    expect(setConfigs(one({ source: '/src/*', dest: '/etc/d/', ignore_globs: ['*.txt'] })).code).toBe(0)
    expect([read('/etc/d/a.ini'), read('/etc/d/b.ini'), existsSync(join(root, 'etc/d/c.txt'))]).toEqual([
      '1',
      '2',
      false,
    ])
  })

  test('a mounted ConfigMap gives its files, not its machinery', () => {
    put('/src/..2026/a.conf', '1')
    symlinkSync('..2026', join(root, 'src/..data'))
    symlinkSync('..data/a.conf', join(root, 'src/a.conf'))
    expect(setConfigs(one({ source: '/src', dest: '/etc/d' })).code).toBe(0)
    expect(read('/etc/d/a.conf')).toBe('1')
    expect(existsSync(join(root, 'etc/d/..data'))).toBe(false)
  })

  test('an optional source may be missing, another one not', () => {
    expect(setConfigs(one({ source: '/nowhere', dest: '/etc/a', optional: true })).code).toBe(0)
    const { code, err } = setConfigs(one({ source: '/nowhere', dest: '/etc/a' }))
    expect([code, JSON.parse(err)]).toEqual([
      1,
      { created: expect.any(Number), levelname: 'INFO', name: 'kolla_set_configs', message: '/nowhere is missing' },
    ])
  })
})

describe('strategy', () => {
  test('must be set', () => expect(setConfigs({ command: 'run' }, { strategy: undefined }).code).toBe(1))

  test.each([
    ['COPY_ONCE', 'first'],
    ['COPY_ALWAYS', 'second'],
  ])('%s copies at the second start: %s', (strategy, expected) => {
    put('/src/a', 'first')
    const config = one({ source: '/src/a', dest: '/etc/a' })
    setConfigs(config, { strategy })
    put('/src/a', 'second')
    expect(setConfigs(config, { strategy }).code).toBe(0)
    expect(read('/etc/a')).toBe(expected)
  })
})

describe('directories', () => {
  test('are made before anything is copied, with their mode', () => {
    put('/src/a', '1')
    const owner = String(process.getuid?.())
    const directories = [{ path: '/var/log/made', owner, perm: '0750' }]
    const config = { ...one({ source: '/src/a', dest: '/var/log/made/a' }), directories }
    expect(setConfigs(config).code).toBe(0)
    expect([mode('/var/log/made'), read('/var/log/made/a')]).toEqual([0o750, '1'])
  })

  test('need an owner and a mode', () => {
    expect(setConfigs({ command: 'run', directories: [{ path: '/a', owner: 'root' }] }).code).toBe(1)
  })
})

describe('the command', () => {
  test.each([
    ['COPY_ONCE', 'first'],
    ['COPY_ALWAYS', 'second'],
  ])('at the second start with %s is the %s', (strategy, expected) => {
    setConfigs({ command: 'first' }, { strategy })
    setConfigs({ command: 'second' }, { strategy })
    const { out } = setConfigs({ command: 'second' }, { strategy, arguments: ['--print-command'] })
    expect([read('/run_command'), out]).toEqual([expected, `${expected}\n`])
  })

  test('is printed, and written for others to see', () => {
    expect(setConfigs({ command: 'sleep 1' }, { arguments: ['--print-command'] }).out).toBe('sleep 1\n')
    setConfigs({ command: 'sleep 1' })
    expect(read('/run_command')).toBe('sleep 1')
  })

  test.each([['{'], ['{}'], ['[]'], [undefined]])('a config.json that is %s is refused in one line', (config) => {
    const { code, err } = setConfigs(config)
    expect(code).toBe(1)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('--check', () => {
  const config = one({ source: '/src/a', dest: '/etc/a', perm: '0600' })

  test('passes after a run and touches nothing', () => {
    put('/src/a', '1')
    setConfigs(config)
    expect(setConfigs(config, { arguments: ['--check'], strategy: undefined }).code).toBe(0)
  })

  test('says that another command runs', () => {
    put('/src/a', '1')
    setConfigs(config)
    const { code, err } = setConfigs({ ...config, command: 'another' }, { arguments: ['--check'] })
    expect([code, err]).toEqual([1, expect.stringContaining('command')])
  })

  test.each([
    ['content', () => put('/etc/a', '2', 0o600)],
    ['mode', () => chmodSync(join(root, 'etc/a'), 0o644)],
    ['missing', () => rmSync(join(root, 'etc/a'))],
  ])('says what differs: %s', (word, change) => {
    put('/src/a', '1')
    setConfigs(config)
    change()
    const { code, err } = setConfigs(config, { arguments: ['--check'] })
    expect(code).toBe(1)
    expect(err).toContain(word)
  })
})

describe.runIf(isRoot)('owners (as root)', () => {
  test('are set for files and by permissions', () => {
    put('/src/a', '1')
    put('/data/deep/b', '1')
    put('/data/deep/skip', '1')
    const config = {
      ...one({ source: '/src/a', dest: '/etc/a', owner: '42425:42425', perm: '0600' }),
      permissions: [{ path: '/data', owner: '42425', perm: '0640', recurse: true, exclude: ['skip$'] }],
    }
    expect(setConfigs(config).err).toBe('')
    expect(statSync(join(root, 'etc/a')).uid).toBe(42425)
    expect([statSync(join(root, 'data/deep/b')).uid, mode('/data/deep'), mode('/data/deep/b')]).toEqual([
      42425, 0o750, 0o640,
    ])
    expect(statSync(join(root, 'data/deep/skip')).uid).toBe(0)
  })

  test('another user may find the files mounted as they shall be', () => {
    put('/src/a', '1')
    put('/etc/a', '1')
    const { code, err } = setConfigs(one({ source: '/src/a', dest: '/etc/a', owner: '42425', perm: '0600' }), {
      uid: 42425,
    })
    expect([code, err]).toEqual([0, expect.stringContaining('left as it is')])
  })

  test('another user is told when it cannot copy', () => {
    put('/src/a', '1')
    put('/etc/a', '2')
    const { code, err } = setConfigs(one({ source: '/src/a', dest: '/etc/a', perm: '0600' }), { uid: 42425 })
    expect([code, err]).toEqual([1, expect.stringContaining('cannot make')])
  })
})
