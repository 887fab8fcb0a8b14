import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { policyRules } from '../../policy/index.ts'
import { ApiError } from '../api/route.ts'
import type { Caller } from '../identity/caller.ts'
import { callerLike, unscopedLike } from '../identity/fixture.ts'
import { defaultRules } from './defaults.ts'
import { type ClusterPolicy, type ClusterPolicyOptions, makeClusterPolicy, type RuleName, targetOf } from './index.ts'

function made(options: ClusterPolicyOptions = {}): ClusterPolicy {
  const result = makeClusterPolicy(options)
  if (result.ok) return result.policy
  throw new Error(result.problems.map(({ message }) => message).join('\n'))
}

const policy = made()
const member = callerLike()
const reader = callerLike({ roles: ['reader'] })
const nobody = callerLike({ roles: [] })
const stranger = callerLike({ userId: 'u9', projectId: 'p9' })
const colleague = callerLike({ userId: 'u2' })
const admin = callerLike({ userId: 'a', projectId: 'p-admin', roles: ['admin', 'member', 'reader'], isAdmin: true })
const systemAdmin = unscopedLike({ roles: ['admin'], systemScope: 'all', isAdmin: true })
const domainAdmin = unscopedLike({ roles: ['admin'], domainId: 'd1', isAdmin: true })
const callers = { nobody, reader, member, colleague, stranger, admin, systemAdmin, domainAdmin }
const cluster = targetOf({ uuid: 'c1', spec: { projectId: 'p1', userId: 'u1', name: 'one' } })

const whoMay = (rule: RuleName, target: Parameters<ClusterPolicy['may']>[2], by = policy): string =>
  Object.entries(callers)
    .filter(([, caller]) => by.may(rule, caller, target))
    .map(([name]) => name)
    .join(' ')

describe('of a cluster of project p1 and user u1', () => {
  test.each<[RuleName, string]>([
    ['cluster:get', 'reader member colleague admin'],
    ['cluster:update', 'member colleague admin'],
    ['cluster:delete', 'member colleague admin'],
    ['cluster:resize', 'member colleague admin'],
    ['cluster:upgrade', 'member colleague admin'],
    ['cluster:delete_all_projects', 'admin systemAdmin domainAdmin'],
    ['certificate:get', 'reader member admin'],
    ['certificate:create', 'member admin'],
    ['certificate:rotate_ca', 'member colleague admin'],
    ['credential:rotate', 'member colleague'],
    ['nodegroup:get', 'reader member colleague admin'],
    ['nodegroup:create', 'member colleague admin'],
    ['clustertemplate:update', 'member colleague admin'],
  ])('%s: %s', (rule, who) => {
    expect(whoMay(rule, cluster)).toBe(who)
  })
})

describe('without a target', () => {
  test.each<[RuleName, string]>([
    ['cluster:create', 'member colleague stranger admin'],
    ['cluster:get_all', 'reader member colleague stranger admin'],
    ['cluster:get_all_all_projects', 'admin systemAdmin domainAdmin'],
    ['cluster:update_health_status', 'member colleague stranger admin'],
    ['clustertemplate:publish', 'admin systemAdmin domainAdmin'],
    ['quota:get', 'reader member colleague stranger admin'],
    ['quota:create', 'admin systemAdmin domainAdmin'],
    ['magnum-service:get_all', 'admin systemAdmin domainAdmin'],
    ['stats:get_all', 'reader member colleague stranger admin'],
    ['federation:create', 'member colleague stranger admin'],
  ])('%s: %s', (rule, who) => {
    expect(whoMay(rule, undefined)).toBe(who)
  })

  test('a token of no project is not of the project that is not there', () => {
    expect(policy.may('cluster:create', unscopedLike())).toBe(false)
    expect(policy.may('cluster:create', unscopedLike(), { project_id: null })).toBe(false)
  })
})

test("the trustee reports health and signs, where the target says who that is; users of the trustees' domain do not create", () => {
  const trustee = callerLike({ userId: 'trustee', roles: ['member'] })
  expect(policy.may('cluster:update_health_status', trustee, { ...cluster, trustee_user_id: 'trustee' })).toBe(true)
  expect(policy.may('cluster:update_health_status', trustee, cluster)).toBe(false)
  const inDomain = callerLike({ domainId: 'trustees' })
  const guarded = made({ trusteeDomainId: 'trustees', enforceScope: false })
  expect(guarded.may('cluster:create', inDomain)).toBe(false)
  expect(guarded.may('cluster:create', callerLike({ domainId: 'other' }))).toBe(true)
})

test('without enforced scopes, admins of the system and of domains do what those of projects do', () => {
  expect(whoMay('cluster:get', cluster, made({ enforceScope: false }))).toBe(
    'reader member colleague admin systemAdmin domainAdmin',
  )
})

test('without new defaults, what rules were before counts', () => {
  const old = made({ enforceNewDefaults: false })
  expect(whoMay('nodegroup:create', cluster, old)).toBe('nobody reader member colleague admin')
  expect(whoMay('certificate:create', cluster, old)).toBe('nobody reader member admin')
})

test('a policy file takes the place of rules, also for who is an admin', () => {
  const own = made({ file: { name: 'policy.yaml', text: 'context_is_admin: role:root\ncluster:get: name:%(name)s' } })
  expect(own.may('cluster:get', nobody, cluster)).toBe(false)
  expect([own.isAdmin(admin), own.isAdmin(callerLike({ roles: ['root'] }))]).toEqual([false, true])
  expect([policy.isAdmin(admin), policy.isAdmin(member)]).toEqual([true, false])
})

test('token.project.domain.id and its like can be asked for', () => {
  const text = 'cluster:get: token.project.domain.id:default and token.roles.name:member and tenant:%(project_id)s'
  expect(whoMay('cluster:get', cluster, made({ file: { name: 'p', text } }))).toBe('member colleague')
})

test('problems of the file come with their places', () => {
  const result = makeClusterPolicy({ file: { name: 'policy.yaml', text: 'cluster:gte: ""\ncluster:get: role:x or' } })
  expect(result.ok ? [] : result.problems.map(({ line, column }) => `${line}:${column}`)).toEqual(['1:14', '2:14'])
})

test("who may not gets Magnum's 403", () => {
  const refused = (): void => policy.enforce('cluster:delete', stranger, cluster)
  expect(refused).toThrow(new ApiError(403, "Policy doesn't allow cluster:delete to be performed."))
  expect(refused).toThrow(expect.objectContaining({ status: 403, code: 'client' }))
  expect(() => policy.enforce('cluster:delete', member, cluster)).not.toThrow()
})

test('the recorded lists have these rules', () => {
  const names = defaultRules.map(({ name }) => name).sort()
  expect(policyRules('2026.1', 'magnum')).toEqual(names)
  expect(policyRules('2025.1', 'magnum')).toEqual(names.filter((name) => name !== 'credential:rotate'))
})

test('no rule lets a stranger without admin touch what is of another project', () => {
  const own = new Set(['context_is_admin', 'deny_cluster_user'])
  const roles = fc.subarray(['member', 'reader', 'service', 'manager', 'creator'])
  const rules = fc.constantFrom(...(defaultRules.map(({ name }) => name).filter((n) => !own.has(n)) as RuleName[]))
  fc.assert(
    fc.property(roles, rules, fc.constantFrom('p2', 'P1', 'None', '', 'p1 '), (given, rule, projectId) => {
      const other: Caller = callerLike({ userId: 'u9', projectId, roles: given })
      expect(policy.may(rule, other, cluster)).toBe(false)
    }),
  )
})
