/** The evaluator beside the real oslo.policy 5, and the default rules beside those of the real Magnum 22. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { defaultRules } from '../../../src/clusters/policy/defaults.ts'
import { run } from '../../../src/host/index.ts'
import { checks, writeCheck } from '../../../src/policy/fixture.ts'
import { type Facts, makePolicy, type Policy } from '../../../src/policy/index.ts'
import { ensurePython, pythonOptions } from '../openstack/python.ts'

interface Asked {
  readonly rule: string
  readonly credentials: Facts
  readonly target: Facts
}

let venv: string
const oracle = readFileSync(join(import.meta.dirname, 'oracle.py'), 'utf8')

beforeAll(async () => {
  venv = await ensurePython(join(import.meta.dirname, '../magnum/python/magnum-22.lock'), pythonOptions())
})

/** Null where oslo.policy throws. */
async function said(
  questions: readonly Asked[],
  world: { readonly rules?: object; readonly magnum?: boolean; readonly options?: object },
): Promise<readonly (boolean | null)[]> {
  const given = { rules: {}, magnum: false, options: {}, ...world, questions }
  const { stdout } = await run(join(venv, 'bin/python'), ['-c', oracle], { input: JSON.stringify(given) })
  return JSON.parse(stdout)
}

function made(options: Parameters<typeof makePolicy>[0]): Policy {
  const result = makePolicy(options)
  if (result.ok) return result.policy
  throw new Error(JSON.stringify(result.problems))
}

function agree(policy: Policy, questions: readonly Asked[], answers: readonly (boolean | null)[]): void {
  const ours = questions.map((question) => policy.decide(question.rule, question) === 'allowed')
  const differing = questions.filter((_, index) => answers[index] !== null && answers[index] !== ours[index])
  expect(differing.slice(0, 3)).toEqual([])
}

const word = fc.constantFrom('a', 'b', 'c', 'None', 'True', '')
const plain = fc.oneof(word, fc.boolean(), fc.constant(null), fc.nat(3))
const names = fc.constantFrom('a', 'b', 'c', 'project_id', 'user_id')

test('any check is decided as oslo.policy does', async () => {
  const leaf = fc.oneof(
    fc.tuple(names, names).map(([left, right]) => `${left}:%(${right})s`),
    fc
      .tuple(
        names,
        word.filter((text) => text !== ''),
      )
      .map(([left, right]) => `${left}:${right}`),
    fc
      .tuple(
        names,
        names,
        word.filter((text) => text !== ''),
      )
      .map((parts) => `${parts[0]}.${parts[1]}:${parts[2]}`),
    fc
      .tuple(fc.constantFrom("'a'", '"b"', 'True', 'None', '1', '-1', '0'), names)
      .map((pair) => `${pair[0]}:%(${pair[1]})s`),
    fc.constantFrom('role:A', 'role:b', 'role:%(a)s', '@', '!'),
  )
  const { text } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 3 },
      leaf,
      tie('text').map((inner) => `not ${/ (?:and|or) /.test(inner) ? `(${inner})` : inner}`),
      fc.tuple(tie('text'), fc.constantFrom('and', 'or', 'AND'), tie('text')).map((three) => three.join(' ')),
      tie('text').map((inner) => `(${inner})`),
    ),
  }))
  const written = fc.oneof(
    text,
    checks.filter((check) => !/[:.]?rule:|https?:/.test(writeCheck(check))).map(writeCheck),
  )
  const question = fc.record({
    check: written,
    credentials: fc
      .tuple(
        fc.dictionary(names, fc.oneof(plain, fc.array(plain, { maxLength: 2 }), fc.dictionary(names, plain)), {
          maxKeys: 4,
        }),
        fc.array(fc.constantFrom('A', 'a', 'B', 'c'), { maxLength: 3 }),
      )
      .map(([facts, roles]): Facts => ({ ...facts, roles })),
    target: fc.dictionary(names, plain, { maxKeys: 4 }),
  })
  const sampled = fc.sample(question, { numRuns: 3000, seed: 5 })
  const rules = sampled.map(({ check }, index) => ({ name: `r${index}`, check }))
  const questions = sampled.map(({ credentials, target }, index) => ({ rule: `r${index}`, credentials, target }))
  const answers = await said(questions, { rules: Object.fromEntries(rules.map(({ name, check }) => [name, check])) })
  // A sample in which all is refused, or in which the real one throws, would say little.
  for (const answer of [true, false]) expect(answers.filter((one) => one === answer).length).toBeGreaterThan(500)
  agree(made({ defaults: rules }), questions, answers)
})

const caller = fc.record(
  {
    roles: fc.subarray(['admin', 'member', 'reader', 'Admin', 'service']),
    user_id: fc.constantFrom('u1', 'u2'),
    project_id: fc.constantFrom('p1', 'p2'),
    domain_id: fc.constantFrom('trustees', 'other'),
    system_scope: fc.constant('all'),
    is_admin: fc.boolean(),
  },
  { requiredKeys: ['roles', 'user_id', 'is_admin'] },
)
const object = fc.record(
  {
    project_id: fc.constantFrom('p1', 'p2'),
    user_id: fc.constantFrom('u1', 'u2'),
    trustee_user_id: fc.constantFrom('u1', 'u2'),
    trustee_domain_id: fc.constant('trustees'),
  },
  { requiredKeys: [] },
)
const ruleName = fc.constantFrom(...defaultRules.map(({ name }) => name), 'nothing:of_the_kind')
const asked = fc.record({ rule: ruleName, credentials: caller, target: object })

test.each([
  ['as they come', {}, {}],
  ['without new defaults', { enforce_new_defaults: false }, {}],
  ['without scopes', { enforce_scope: false }, {}],
  [
    'with a policy file',
    { enforce_new_defaults: false },
    { 'cluster:get': 'role:auditor', context_is_admin: 'role:reader' },
  ],
  [
    'with former rules in the file',
    {},
    { 'rule:admin_or_owner': 'user_id:%(user_id)s', 'rule:deny_cluster_user': '!' },
  ],
])("Magnum's rules %s", async (_, options, rules) => {
  const questions = fc.sample(asked, { numRuns: 3000, seed: 7 })
  const answers = await said(questions, { magnum: true, options, rules })
  expect(answers).not.toContain(null)
  const policy = made({
    defaults: defaultRules,
    enforceNewDefaults: !('enforce_new_defaults' in options),
    enforceScope: !('enforce_scope' in options),
    file: { name: 'policy.yaml', text: JSON.stringify(rules) },
  })
  agree(policy, questions, answers)
})
