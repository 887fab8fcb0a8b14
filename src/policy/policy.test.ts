import { describe, expect, test } from 'vitest'
import type { Facts } from './evaluate.ts'
import { makePolicy, type Policy, type RuleDefault } from './index.ts'
import type { PolicyOptions } from './policy.ts'

const defaults: readonly RuleDefault[] = [
  { name: 'admin', check: 'role:admin' },
  { name: 'owner', check: 'project_id:%(project_id)s' },
  { name: 'thing:get', check: 'rule:admin or (role:reader and rule:owner)', scopes: ['project'] },
  { name: 'thing:make', check: 'rule:admin', deprecated: { name: 'thing:create', check: 'rule:owner' } },
]

function made(options: Partial<PolicyOptions> = {}): Policy {
  const result = makePolicy({ defaults, ...options })
  if (result.ok) return result.policy
  throw new Error(result.problems.map(({ message }) => message).join('\n'))
}

function problemsOf(text: string, options: Partial<PolicyOptions> = {}): readonly string[] {
  const result = makePolicy({ defaults, file: { name: 'policy.yaml', text }, ...options })
  return result.ok
    ? []
    : result.problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
}

const file = (text: string): Partial<PolicyOptions> => ({ file: { name: 'policy.yaml', text } })
const admin = { roles: ['admin'], project_id: 'p1' }
const reader = { roles: ['reader'], project_id: 'p1' }
const mine = { project_id: 'p1' }

const decided = (policy: Policy, rule: string, credentials: Facts, target: Facts = mine) =>
  policy.decide(rule, { credentials, target })

describe('decisions', () => {
  test('follow the defaults', () => {
    const policy = made()
    expect(decided(policy, 'thing:get', reader)).toBe('allowed')
    expect(decided(policy, 'thing:get', reader, { project_id: 'p2' })).toBe('refused')
    expect(decided(policy, 'thing:get', admin, { project_id: 'p2' })).toBe('allowed')
    expect(decided(policy, 'thing:make', reader)).toBe('refused')
  })

  test('a rule that is not there lets nobody', () => {
    expect(decided(made(), 'thing:nowhere', admin)).toBe('refused')
  })

  test.each([
    ['system', { ...admin, system_scope: 'all' }],
    ['domain', { ...admin, domain_id: 'd' }],
  ])('a token of a %s is refused where a rule is for projects, also when the file has the rule', (_, credentials) => {
    expect(decided(made(), 'thing:get', credentials)).toBe('wrong-scope')
    expect(decided(made(file('thing:get: "@"')), 'thing:get', credentials)).toBe('wrong-scope')
    expect(decided(made({ enforceScope: false }), 'thing:get', credentials)).toBe('allowed')
    expect(decided(made(), 'thing:make', credentials)).toBe('allowed')
  })

  test('what a rule was before counts while new defaults are not enforced', () => {
    expect(decided(made({ enforceNewDefaults: false }), 'thing:make', reader)).toBe('allowed')
    expect(decided(made({ enforceNewDefaults: false, ...file('thing:make: "!"') }), 'thing:make', reader)).toBe(
      'refused',
    )
  })

  test('an override under the former name is one of the rule', () => {
    expect(decided(made(file('thing:create: role:reader')), 'thing:make', reader)).toBe('allowed')
    expect(decided(made(file('thing:create: role:reader')), 'thing:make', admin)).toBe('refused')
    expect(decided(made(file('thing:create: rule:thing:make')), 'thing:make', admin)).toBe('allowed')
    expect(decided(made(file('thing:create: rule:owner')), 'thing:make', reader)).toBe('refused')
  })

  test('the file may bring rules of its own', () => {
    const policy = made(file('thing:get: rule:auditor\nauditor: role:auditor\nadmin: role:root'))
    expect(decided(policy, 'thing:get', { roles: ['auditor'] })).toBe('allowed')
    expect(decided(policy, 'thing:get', admin)).toBe('refused')
    expect(decided(policy, 'thing:make', { roles: ['root'] })).toBe('allowed')
  })

  test.each(['', '# nothing yet\n', '---\n', '{}'])('the file %j changes nothing', (text) => {
    expect(decided(made(file(text)), 'thing:get', reader)).toBe('allowed')
  })
})

describe('problems', () => {
  test('are told all at once, with their places', () => {
    const text = [
      'thing:gte: role:admin',
      'thing:get: role:admin and',
      'thing:make: "rule:adimn or http://host/%(id)s"',
      'owner: [role:admin]',
      'owner: "@"',
      'admin:',
    ].join('\n')
    expect(problemsOf(text)).toEqual([
      'policy.yaml:1:12: nothing asks for a rule "thing:gte"; did you mean "thing:get"?',
      'policy.yaml:2:12: a check is missing at the end',
      'policy.yaml:3:13: it refers to a rule "adimn", which is not there; did you mean "admin"?',
      'policy.yaml:3:13: "http://host/%(id)s" would ask another service, which is not enabled; write the rule without it',
      'policy.yaml:4:1: the check of "owner" has to be a text; "" lets everybody, "!" nobody',
      'policy.yaml:5:1: Map keys must be unique',
      'policy.yaml:6:7: the check of "admin" has to be a text; "" lets everybody, "!" nobody',
    ])
  })

  test.each(['- role:admin', 'role:admin', '1'])('%j is no map', (text) => {
    expect(problemsOf(text)).toEqual(['policy.yaml:1:1: a policy file is a map of rule names to check strings'])
  })

  test.each([
    ['admin: rule:admin', 'policy.yaml:1:8: rules refer to each other in a circle: admin -> admin'],
    [
      'x: not (role:a and rule:owner)\nowner: rule:x or role:b',
      'policy.yaml:2:8: rules refer to each other in a circle: owner -> x -> owner',
    ],
    [
      'thing:create: rule:thing:get\nowner: rule:thing:make',
      'policy.yaml:2:8: rules refer to each other in a circle: owner -> thing:make -> thing:get -> owner',
    ],
  ])('%j goes in a circle', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test('a chain of rules that is too long is one, in whatever order it is written', () => {
    const links = Array.from({ length: 200 }, (_, index) => `r${index}: rule:r${index + 1}`)
    const chain = ['owner: rule:r0', ...links, 'r200: role:a']
    for (const lines of [chain, chain.toReversed()])
      expect(problemsOf(lines.join('\n'))).toContainEqual(expect.stringContaining('100 rules refer one to the next'))
    expect(problemsOf([...chain.slice(-90), 'owner: rule:r111'].join('\n'))).toEqual([])
  })

  test('broken defaults are our fault', () => {
    expect(() => makePolicy({ defaults: [{ name: 'a', check: 'or' }] })).toThrow('the default rule a cannot be read')
    expect(() => makePolicy({ defaults: [{ name: 'a', check: 'rule:a' }] })).toThrow('a -> a')
  })
})

describe('remote checks, when enabled', () => {
  const text = 'thing:get: role:reader and https://one/%(project_id)s and not http://two/'
  const asked = async (answers: Readonly<Record<string, boolean>>, credentials: Facts) => {
    const urls: string[] = []
    const policy = made({
      ...file(text),
      remote: async (url, { rule }) => {
        urls.push(`${rule} ${url}`)
        return answers[url] ?? false
      },
    })
    return { decision: await policy.ask('thing:get', { credentials, target: mine }), urls, policy }
  }

  test('are asked only as far as the decision needs them', async () => {
    expect(await asked({ 'https://one/p1': true }, reader)).toMatchObject({
      decision: 'allowed',
      urls: ['thing:get https://one/p1', 'thing:get http://two/'],
    })
    expect(await asked({}, reader)).toMatchObject({ decision: 'refused', urls: ['thing:get https://one/p1'] })
    expect(await asked({}, { roles: [] })).toMatchObject({ decision: 'refused', urls: [] })
  })

  test('without asking, what hangs on them is refused', async () => {
    const { policy } = await asked({}, reader)
    expect(decided(policy, 'thing:get', reader)).toBe('refused')
    expect(decided(made({ ...file('thing:get: not http://x/'), remote: async () => true }), 'thing:get', reader)).toBe(
      'refused',
    )
  })
})
