import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import { commands } from './commands.ts'
import { completionScript } from './completion.ts'
import { commandOf, ran } from './fixture.ts'

const none = { created: 0, configured: 0, replaced: 0, deleted: 0, unchanged: 0 }

describe('help', () => {
  test.each([[], ['help'], ['--help'], ['-h']].map((argv) => [argv.join(' '), argv]))(
    '"%s" lists all',
    async (_, argv) => {
      const { exit, stdout, stderr } = await ran(argv, commands)
      expect([exit, stderr]).toEqual([0, ''])
      await expect(stdout).toMatchFileSnapshot('golden/help.txt')
    },
  )

  test.each(['up', 'logs', 'openstack', 'completion'])('of %s', async (name) => {
    const { exit, stdout } = await ran(['help', name], commands)
    expect(exit).toBe(0)
    await expect(stdout).toMatchFileSnapshot(`golden/help-${name}.txt`)
  })

  test('is the same behind the command, whatever else stands there', async () => {
    expect((await ran(['logs', '--help', '-v'], commands)).stdout).toBe((await ran(['help', 'logs'], commands)).stdout)
  })

  test('goes to the program that is passed through', async () => {
    const through = commandOf(async ({ args }) => ({ exit: args[0] === '--help' ? 7 : 0 }), { passThrough: true })
    expect(await ran(['work', '--help'], [through])).toMatchObject({ exit: 7, stdout: '', stderr: '' })
  })

  test.each(commands.map((command) => [command.name, command] as const))(
    'the examples of %s are right',
    async (_, command) => {
      const { findCommand, parseCommand } = await import('./args.ts')
      for (const example of command.examples) {
        const [name = '', ...argv] = example.replace(/ >.*$/, '').split(' ')
        expect(findCommand(name, commands)).toBe(command)
        expect(() => parseCommand(command, argv)).not.toThrow()
      }
    },
  )
})

describe('the version', () => {
  const repoDir = join(import.meta.dirname, '../..')

  test('by option or command, with the commit of a checkout', async () => {
    const { exit, stdout } = await ran(['--version'], commands, { repoDir, env: { PATH: process.env['PATH'] ?? '' } })
    expect(exit).toBe(0)
    expect(stdout).toMatch(/^croque \d+\.\d+\.\d+( \([0-9a-f]{12}\))?\n$/)
    const { lines } = await ran(['version', '-o', 'json'], commands, { repoDir })
    expect(lines.find(({ type }) => type === 'data')).toMatchObject({ data: { version: expect.any(String) } })
  })

  test('of a copy that is no checkout is that of the package', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'croque-version-'))
    await writeFile(join(copy, 'package.json'), '{"version": "1.2.3"}')
    const { stdout } = await ran(['version'], commands, { repoDir: copy })
    await rm(copy, { recursive: true })
    expect(stdout).toBe('croque 1.2.3\n')
  })
})

test('a wrong number is refused before the command begins', async () => {
  const { exit, lines } = await ran(['up', '--timeout', 'abc', '-o', 'json'], commands)
  expect(exit).toBe(1)
  expect(lines.find(({ type }) => type === 'run-started')).toMatchObject({ command: '' })
  const { stderr, stdout } = await ran(['up', '--timeout', '0'], commands)
  expect([stdout, stderr]).toEqual([
    '',
    'error[argument-invalid]: --timeout must be a whole number from 1 to 604800, not "0"\nnext: See `./croque help up`; nothing was touched.\n',
  ])
})

describe('a run exits', () => {
  test.each<[string, number | undefined, number, boolean]>([
    ['well', undefined, 0, true],
    ['with changes to make', 2, 2, true],
    ['not well', 1, 1, false],
  ])('%s', async (_name, exit, code, ok) => {
    const command = commandOf(async () => ({
      ...(exit === undefined ? {} : { exit }),
      changes: { created: 3 },
      summary: 'So it is',
      next: ['./croque x'],
    }))
    const result = await ran(['work', '--output', 'json'], [command])
    expect(result.exit).toBe(code)
    expect(result.lines).toEqual([
      { type: 'run-started', time: '1970-01-01T00:00:01.000Z', command: 'work' },
      {
        type: 'result',
        ok,
        changes: { ...none, created: 3 },
        seconds: expect.any(Number),
        summary: 'So it is',
        next: ['./croque x'],
      },
    ])
  })

  test('with what was thrown, told by its code', async () => {
    const command = commandOf(async () => {
      throw new CroqueError('port-in-use', { what: 'Port 1 is taken', why: 'by x' })
    })
    const text = await ran(['work'], [command])
    expect(text).toMatchObject({ exit: 1, stdout: '' })
    expect(text.stderr).toMatch(/^error\[port-in-use\]: Port 1 is taken\n {2}by x\nnext: End the program/)
    const { exit, lines } = await ran(['work', '-ojson'], [command])
    expect(exit).toBe(1)
    expect(lines.at(-2)).toMatchObject({ type: 'error', code: 'port-in-use', what: 'Port 1 is taken', why: 'by x' })
    expect(lines.at(-1)).toMatchObject({ type: 'result', ok: false, changes: none })
  })

  test.each([
    ['an error', new TypeError('x is not a function')],
    ['no error at all', 'x is not a function'],
  ])('as a bug of ours with %s', async (_name, thrown) => {
    const { exit, lines } = await ran(['work', '-o', 'json'], [commandOf(() => Promise.reject(thrown))])
    expect(exit).toBe(1)
    expect(lines.at(-2)).toMatchObject({
      code: 'internal',
      what: 'x is not a function',
      next: expect.stringContaining('report'),
    })
  })

  test('as a bug of ours when its module does not load', async () => {
    const broken = commandOf(async () => ({}), { load: () => Promise.reject(new Error('no such module')) })
    const { exit, stderr } = await ran(['work'], [broken])
    expect(exit).toBe(1)
    expect(stderr).toContain('error[internal]: no such module')
  })

  test('with the timing of its units, before the result', async () => {
    const command = commandOf(async ({ emit }) => {
      const unit = { type: 'unit', unit: 'a/b', group: 'a' } as const
      emit({ ...unit, state: 'running' })
      emit({ ...unit, state: 'done' })
      return {}
    })
    const { lines } = await ran(['work', '-o', 'json'], [command])
    expect(lines.map(({ type }) => type)).toEqual(['run-started', 'unit', 'unit', 'timing', 'result'])
    expect(lines.at(-2)).toMatchObject({ slowest: [{ unit: 'a/b', seconds: 0.5 }], wallSeconds: 0.5 })
  })
})

describe('after Ctrl-C a run exits with 130', () => {
  const interrupted = async (thrown: (reason: unknown) => unknown, reason?: unknown) => {
    const controller = new AbortController()
    const command = commandOf(async ({ signal }) => {
      controller.abort(reason)
      throw thrown(signal.reason)
    })
    const { exit, lines } = await ran(['work', '-o', 'json'], [command], { signal: controller.signal })
    expect(exit).toBe(130)
    expect(lines.at(-1)).toMatchObject({ type: 'result', ok: false })
    return lines.at(-2)
  }
  const bySignal = new CroqueError('interrupted', { what: 'Interrupted by SIGINT' })

  test.each<[string, (reason: unknown) => unknown]>([
    ['the reason of the signal', (reason) => reason],
    ['an AbortError', () => new DOMException('gone', 'AbortError')],
    ['what broke because of it', () => new Error('socket hang up')],
  ])('%s', async (_name, thrown) => {
    expect(await interrupted(thrown, bySignal)).toMatchObject({ code: 'interrupted', what: 'Interrupted by SIGINT' })
  })

  test('and with what the engine knows of it', async () => {
    const told = { what: 'Stopped with 3 of 60 parts done', why: 'It goes on by itself', next: 'Run it again' }
    expect(await interrupted(() => new CroqueError('interrupted', told), bySignal)).toMatchObject({
      code: 'interrupted',
      ...told,
    })
  })

  test('without any reason too', async () => {
    expect(await interrupted(() => new Error('x'))).toMatchObject({ code: 'interrupted', what: 'Interrupted' })
  })
})

describe('a wrong command line', () => {
  const never = commandOf(() => expect.unreachable('nothing may be run'))

  test('is told on stderr', async () => {
    const result = await ran(['wrok'], [never])
    expect(result).toMatchObject({ exit: 1, stdout: '' })
    expect(result.stderr).toBe(
      'error[command-unknown]: There is no command "wrok"\nnext: Did you mean `./croque work`? `./croque help` lists all commands.\n',
    )
  })

  test.each([[['wrok', '--output', 'json']], [['wrok', '-ojson']], [['work', '--flie', '--output=json']]])(
    'is told in JSON when that is asked for: %j',
    async (argv) => {
      const { exit, lines, stderr } = await ran(argv, [never])
      expect([exit, stderr]).toEqual([1, ''])
      expect(lines.at(-2)).toMatchObject({
        type: 'error',
        code: expect.stringMatching(/^(command-unknown|argument-invalid)$/),
      })
      expect(lines.at(-1)).toMatchObject({ type: 'result', ok: false, changes: none })
    },
  )

  test('of help', async () => {
    expect(await ran(['help', 'wrok'], [never])).toMatchObject({ exit: 1, stdout: '' })
  })
})

describe('in a terminal', () => {
  const command = commandOf(async ({ emit }) => {
    emit({ type: 'phase', phase: 'a', title: 'Beginning' })
    return { summary: 'Done' }
  })
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['it is coloured', { TERM: 'xterm' }, '\u001b[1mBeginning\u001b[0m\n\nDone\n'],
    ['unless NO_COLOR is set', { NO_COLOR: '1' }, 'Beginning\n\nDone\n'],
    ['which may be empty', { NO_COLOR: '' }, '\u001b[1mBeginning\u001b[0m\n\nDone\n'],
    ['a dumb one gets plain lines', { TERM: 'dumb' }, '[  0.5 s] == Beginning\nDone\n'],
  ])('%s', async (_name, env, expected) => {
    expect((await ran(['work'], [command], { isTTY: true, env })).stdout).toBe(expected)
  })
})

describe('the document', () => {
  test('that is missing', async () => {
    const { exit, lines } = await ran(['render', '--file', 'nowhere.yaml', '--output', 'json'], commands)
    expect(exit).toBe(1)
    expect(lines.at(-2)).toMatchObject({
      code: 'document-missing',
      what: `${join(import.meta.dirname, 'nowhere.yaml')} cannot be read`,
      why: expect.stringContaining('ENOENT'),
    })
  })

  test('with errors: all of them, each with its place', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'croque-cli-'))
    const text =
      'apiVersion: croque.dev/v1alpha1\nkind: Cloud\nspec:\n  size: tinny\n  services:\n    nvoa: {}\n    keystone: {config: {keystone.conf: {DEFAULT: {transport_url: "rabbit://a:hush@b/c"}}}}\n'
    try {
      await writeFile(join(cwd, 'cloud.yaml'), text)
      const result = await ran(['render', '-f', 'cloud.yaml'], commands, { cwd })
      expect(result).toMatchObject({ exit: 1, stdout: '' })
      await expect(result.stderr).toMatchFileSnapshot('golden/document-invalid.txt')
      const { lines } = await ran(['render', '-f', 'cloud.yaml', '-o', 'json'], commands, { cwd })
      expect(lines.map(({ type }) => type)).toEqual([
        'run-started',
        ...['diagnostic', 'diagnostic', 'diagnostic'],
        'error',
        'result',
      ])
      expect(lines[1]).toMatchObject({ file: 'cloud.yaml', line: 4, column: 9, path: 'spec.size', suggestion: 'tiny' })
      expect(lines[1]).toMatchObject({ excerpt: '  4 |   size: tinny\n    |         ^' })
      expect(lines[4]).toMatchObject({ code: 'document-invalid', what: 'cloud.yaml has 3 errors' })
      expect(JSON.stringify([lines, result.stderr])).not.toContain('hush')
    } finally {
      await rm(cwd, { recursive: true })
    }
  })
})

test('a completion script comes from the table, as text or as data', async () => {
  const script = completionScript('bash', commands)
  expect(await ran(['completion', 'bash'], commands)).toMatchObject({ exit: 0, stdout: script, stderr: '' })
  const { lines } = await ran(['completion', 'bash', '-o', 'json'], commands)
  expect(lines[1]).toMatchObject({ type: 'data', data: { shell: 'bash', script } })
})

test('the schema for editors knows the services of the catalog', async () => {
  const { exit, stdout } = await ran(['schema'], commands)
  expect(exit).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    properties: { spec: { properties: { services: { properties: { nova: {}, keystone: {} } } } } },
  })
})
