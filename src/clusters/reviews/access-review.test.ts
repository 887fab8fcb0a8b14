import { expect, test } from 'vitest'
import { reviewAccess } from './access-review.ts'

/** As kube-apiserver sends it. */
const sent = (roles: readonly string[], attributes: string, project = 'p1'): unknown =>
  JSON.parse(
    `{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{"creationTimestamp":null},"spec":{${attributes},"user":"ann","groups":["member","system:authenticated"],"extra":{"alpha.kubernetes.io/identity/roles":${JSON.stringify(roles)},"alpha.kubernetes.io/identity/project/id":["${project}"]},"uid":"u1"},"status":{"allowed":false}}`,
  )
const deployments =
  '"resourceAttributes":{"namespace":"default","verb":"create","group":"apps","version":"v1","resource":"deployments"}'

const answer = (...given: Parameters<typeof sent>): string =>
  JSON.stringify(reviewAccess(sent(...given), { projectId: 'p1' }))

test('what a role allows is allowed, to the byte', () => {
  expect(answer(['member', 'reader'], deployments)).toBe(
    '{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","status":{"allowed":true,"reason":"role member of the project"}}',
  )
})

const silent = '{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","status":{"allowed":false}}'

test.each([
  ['a role that does not allow it', ['reader'], deployments, 'p1'],
  ['a role that is not known', ['auditor'], deployments, 'p1'],
  ['roles in another project', ['admin'], deployments, 'p2'],
  ['a path', ['member'], '"nonResourceAttributes":{"path":"/metrics","verb":"get"}', 'p1'],
])('%s: no opinion, to the byte, and no refusal', (_case, roles, attributes, project) => {
  expect(answer(roles, attributes, project)).toBe(silent)
})

test('an administrator of the project may ask for any path', () => {
  expect(answer(['admin'], '"nonResourceAttributes":{"path":"/metrics","verb":"get"}')).toContain('"allowed":true')
})

test('groups alone are nothing: certificates can have any', () => {
  const body = sent(['admin'], deployments) as { spec: { extra?: unknown; groups: string[] } }
  delete body.spec.extra
  body.spec.groups = ['admin', 'member', 'p1']
  expect(JSON.stringify(reviewAccess(body, { projectId: 'p1' }))).toBe(silent)
})

test.each([undefined, {}, { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1beta1', spec: {} }])(
  '%j is no review',
  (body) => expect(() => reviewAccess(body, { projectId: 'p1' })).toThrow('SubjectAccessReview'),
)
