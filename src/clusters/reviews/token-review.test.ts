import { expect, test } from 'vitest'
import { callerLike, unscopedLike } from '../identity/fixture.ts'
import { AuthenticationError, type TokenFacts } from '../identity/index.ts'
import { reviewToken } from './token-review.ts'

const factsLike = (who: Partial<TokenFacts['who']> = {}, more: Partial<TokenFacts> = {}): TokenFacts => {
  const { token: _token, serviceRoles: _roles, isAdmin: _admin, ...caller } = callerLike(who)
  return { who: caller, services: [], isBound: false, ...more }
}

/** As kube-apiserver sends it. */
const sent = (token: string): unknown =>
  JSON.parse(
    `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{"creationTimestamp":null},"spec":{"token":"${token}","audiences":["https://kubernetes.default.svc"]},"status":{"user":{}}}`,
  )

const answer = async (facts: TokenFacts | undefined, token = 'gAAAAAB'): Promise<string> =>
  JSON.stringify(await reviewToken(sent(token), { projectId: 'p1', validate: async () => facts }))

test('a member of the project is himself, in the groups of his roles, to the byte', async () => {
  expect(await answer(factsLike())).toBe(
    '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":true,"user":{"username":"ann","uid":"u1","groups":["member","reader","p1"],"extra":{"alpha.kubernetes.io/identity/roles":["member","reader"],"alpha.kubernetes.io/identity/project/id":["p1"],"alpha.kubernetes.io/identity/project/name":["one"],"alpha.kubernetes.io/identity/user/domain/id":["default"]}}}}',
  )
})

test('a token that Keystone does not know is nobody’s, to the byte, and the API server may remember it', async () => {
  const nobody = '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":false}}'
  expect(await answer(undefined)).toBe(nobody)
  expect(await answer(factsLike(), 'no token, but a sentence')).toBe(nobody)
})

const rules = [{ service: 'compute', method: 'GET', path: '/v2.1/servers/*' }]
const { who: unscoped } = factsLike(unscopedLike())

test.each([
  ['of another project', factsLike({ projectId: 'p2' }), 'not for the project'],
  ['of no project', { ...factsLike(), who: { ...unscoped, projectId: undefined } as never }, 'not for the project'],
  ['of a node', factsLike({}, { accessRules: rules }), 'access rules'],
  ['of a credential without any rights', factsLike({}, { accessRules: [] }), 'access rules'],
  ['that is bound', factsLike({}, { isBound: true }), 'bound'],
  ['of one who calls himself a node', factsLike({ userName: 'system:node:master-0' }), 'Kubernetes itself'],
])('a token %s is refused with its reason, for the log of the API server', async (_which, facts, why) => {
  const { status } = JSON.parse(await answer(facts)) as { status: { authenticated: boolean; error: string } }
  expect(status).toEqual({ authenticated: false, error: expect.stringContaining(why) as string })
})

test('users of other domains are told apart, and roles named like groups of Kubernetes are none', async () => {
  const foreign = factsLike({ userDomainId: 'd2', roles: ['reader', 'system:masters', 'kubeadm:cluster-admins'] })
  const { status } = JSON.parse(await answer(foreign)) as { status: { user: { username: string; groups: string[] } } }
  expect(status.user).toMatchObject({ username: 'ann@d2', groups: ['reader', 'p1'] })
})

test('without Keystone nobody is let in, and it is said why', async () => {
  const validate = async (): Promise<never> => await Promise.reject(AuthenticationError.unknown())
  expect(await reviewToken(sent('gAAAAAB'), { projectId: 'p1', validate })).toMatchObject({
    status: { authenticated: false, error: 'Keystone did not say whether this token is valid' },
  })
  const broken = async (): Promise<never> => await Promise.reject(new Error('a defect'))
  await expect(reviewToken(sent('gAAAAAB'), { projectId: 'p1', validate: broken })).rejects.toThrow('a defect')
})

test.each([
  undefined,
  {},
  { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1beta1', spec: { token: 'x' } },
  { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: {} },
])('%j is no review', async (body) => {
  const asked = reviewToken(body, { projectId: 'p1', validate: async () => factsLike() })
  await expect(asked).rejects.toMatchObject({ status: 400 })
})
