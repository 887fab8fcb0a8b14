/** API servers of clusters come by a door of their own. */
import { expect, test } from 'vitest'
import type { Reviews } from '../../reviews/index.ts'
import { testServer } from './fixture.ts'

const asked: unknown[] = []
const reviews: Reviews = {
  authentication: async (...said) => {
    asked.push(said)
    return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status: { authenticated: false } }
  },
  authorization: async () => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    status: { allowed: false },
  }),
}
const headers = { authorization: 'Bearer mine', 'content-type': 'application/json' }

test('a review is answered without Keystone’s word for who asks', async () => {
  const { app } = testServer({ reviews })
  const url = '/kubernetes/v1/clusters/one/authentication?timeout=10s'
  const got = await app.inject({ method: 'POST', url, headers, payload: '{"spec":{}}' })
  expect([got.statusCode, got.json()]).toMatchObject([200, { kind: 'TokenReview' }])
  expect(asked).toEqual([['one', 'mine', { spec: {} }]])
  await app.close()
})

test.each([
  ['no token', 'POST', 'one/authorization', { 'content-type': 'application/json' }, 401],
  ['a token of Keystone', 'POST', 'one/authorization', { 'x-auth-token': 'admin' }, 401],
  ['a path that is none', 'POST', 'one/secrets', headers, 405],
] as const)('%s is refused', async (_case, method, path, headers, status) => {
  const { app } = testServer({ reviews })
  const got = await app.inject({ method, url: `/kubernetes/v1/clusters/${path}`, headers, payload: '{}' })
  expect(got.statusCode).toBe(status)
  await app.close()
})
