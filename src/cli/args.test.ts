import { describe, expect, test } from 'vitest'
import { CroqueError } from '../errors/index.ts'
import { longestDuration } from '../spec/index.ts'
import { findCommand, parseCommand } from './args.ts'
import { commands } from './commands.ts'
import { commandOf } from './fixture.ts'

const command = commandOf(async () => ({}), {
  arguments: [
    { name: 'SHELL', help: 'one of', required: true, choices: ['bash', 'fish'] },
    { name: 'WORD', help: 'more', repeat: true },
  ],
  options: {
    file: { short: 'f', value: 'FILE', help: 'a file' },
    tail: { value: 'LINES', help: 'a number', between: [0, 200] },
    set: { short: 's', value: 'KEY=VALUE', help: 'several', repeat: true },
    yes: { short: 'y', help: 'a switch' },
    size: { value: 'SIZE', help: 'a choice', choices: ['tiny', 'small'] },
  },
})
const parse = (...argv: string[]) => parseCommand(command, argv)

function problem(work: () => unknown): { readonly code: string; readonly what: string; readonly next: string } {
  try {
    work()
  } catch (error) {
    if (error instanceof CroqueError) return { code: error.code, what: error.message, next: error.next }
    throw error
  }
  throw new Error('nothing was thrown')
}

test.each<[string, readonly string[]]>([
  ['long', ['--file', 'a.yaml']],
  ['long with =', ['--file=a.yaml']],
  ['short', ['-f', 'a.yaml']],
  ['short at once', ['-fa.yaml']],
  ['behind a switch', ['-yf', 'a.yaml']],
])('an option: %s', (_name, argv) => {
  expect(parse('bash', ...argv).options.value('file')).toBe('a.yaml')
})

test('options stand anywhere, may be repeated where that makes sense, and need not be there', () => {
  const { args, options } = parse('-s', 'a=1', 'bash', '--set=b==2', 'x', '--yes', '-y', '--', '--file')
  expect(args).toEqual(['bash', 'x', '--file'])
  expect(options.values('set')).toEqual(['a=1', 'b==2'])
  expect([options.flag('yes'), options.flag('verbose'), options.flag('nonsense')]).toEqual([true, false, false])
  expect([options.value('file'), options.values('file')]).toEqual([undefined, []])
})

test('a value that looks like an option is taken when it is tied to it', () => {
  expect(parse('bash', '--file=-odd').options.value('file')).toBe('-odd')
  expect(parse('bash', '--file', '-').options.value('file')).toBe('-')
})

test.each<[string, readonly string[], string, string]>([
  ['an unknown option', ['bash', '--flie', 'x'], '`./croque work` has no option --flie', 'Did you mean --file?'],
  ['one with a value', ['bash', '--sze=tiny'], '`./croque work` has no option --sze', 'Did you mean --size?'],
  ['a short one', ['bash', '-x'], '`./croque work` has no option -x', 'See `./croque help work`'],
  ['one that every object has', ['bash', '--constructor'], '`./croque work` has no option --constructor', 'See'],
  ['no value', ['bash', '--file'], '--file needs a value: --file FILE', 'nothing was touched'],
  ['an empty value', ['bash', '--file='], '--file needs a value: --file FILE', 'See'],
  ['an option as value', ['bash', '--file', '-y'], '--file needs a value, and "-y" looks like an option', '--file=-y'],
  ['a value for a switch', ['bash', '--yes=no'], '--yes takes no value', 'See'],
  ['an option twice', ['bash', '-f', 'a', '--file', 'b'], '--file is given twice', 'See'],
  ['a wrong choice', ['bash', '--size', 'smal'], '--size cannot be "smal"', 'tiny, small. Did you mean small?'],
  ['a wrong format', ['bash', '-o', 'yaml'], '--output cannot be "yaml"', 'Allowed: text, json. See'],
  ['no argument', [], 'SHELL is missing: one of', 'See'],
  ['a wrong argument', ['bsh'], 'SHELL cannot be "bsh"', 'Did you mean bash?'],
])('is refused: %s', (_name, argv, what, next) => {
  expect(problem(() => parse(...argv))).toEqual({ code: 'argument-invalid', what, next: expect.stringContaining(next) })
})

test('too many arguments are named', () => {
  const plain = commandOf(async () => ({}))
  expect(problem(() => parseCommand(plain, ['a', 'b'])).what).toBe('`./croque work` does not take "a", "b"')
})

test('with --help nothing else is asked for', () => {
  expect(parse('--help').options.flag('help')).toBe(true)
})

test('what is passed through is not looked at', () => {
  const through = commandOf(async () => ({}), { passThrough: true })
  const argv = ['--help', '-o', 'json', '--', 'x']
  const { args, options } = parseCommand(through, argv)
  expect(args).toEqual(argv)
  expect(options.flag('help')).toBe(false)
})

test.each([
  ['0', 0],
  ['00100', 100],
])('the number %s', (text, number) => {
  expect(parse('bash', '--tail', text).options.number('tail')).toBe(number)
})

test.each(['x', '1.5', '1e3', '201', '99999999999999999999', ' 1'])('no number: %s', (text) => {
  expect(problem(() => parse('bash', '--tail', text))).toMatchObject({
    code: 'argument-invalid',
    what: `--tail must be a whole number from 0 to 200, not ${JSON.stringify(text)}`,
  })
  expect(parse('bash').options.number('tail')).toBeUndefined()
})

test('up waits as long as a document may say', () => {
  expect(findCommand('up', commands).options?.['timeout']?.between).toEqual([1, longestDuration])
})

describe('a command', () => {
  test.each([
    ['statsu', 'Did you mean `./croque status`?'],
    ['hlep', 'Did you mean `./croque help`?'],
    ['xyzzy', 'See `./croque help` for all commands.'],
  ])('that there is not: %s', (name, next) => {
    expect(problem(() => findCommand(name, commands))).toEqual({
      code: 'command-unknown',
      what: `There is no command ${JSON.stringify(name)}`,
      next: expect.stringContaining(next),
    })
  })
  test('comes before options', () => {
    expect(problem(() => findCommand('--output', commands))).toMatchObject({
      code: 'argument-invalid',
      what: '--output stands where the command belongs; options come after it',
    })
  })
})
