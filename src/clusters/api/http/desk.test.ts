/** Nodes come by a door of their own: no Keystone, no microversion, nothing of people's API. */
import { expect, test } from 'vitest'
import type { Desk, NodeOrders } from '../../nodes/index.ts'
import { ApiError } from '../route.ts'
import { testServer } from './fixture.ts'

const orders: NodeOrders = {
  revision: 'abc',
  name: 'demo-node-0',
  role: 'worker',
  address: '10.0.0.5',
  version: 'v1.35.4',
  founds: false,
  pause: 30,
  later: [],
  server: 'https://192.0.2.1:6443',
  files: {},
  commands: [],
  papers: {},
  secrets: {},
}

function deskThatKnows(token: string): Desk & { readonly told: unknown[] } {
  const told: unknown[] = []
  const check = (given: string): void => {
    if (given !== token) throw new ApiError(401, 'This is the token of no node that is wanted.')
  }
  return {
    told,
    orders: async (given, known) => {
      check(given)
      return known === orders.revision ? undefined : orders
    },
    papers: async (given, requests) => {
      check(given)
      return { certificates: requests, files: {} }
    },
    report: async (given, report) => {
      check(given)
      told.push(report)
    },
  }
}

const bearer = { authorization: 'Bearer mine', 'content-type': 'application/json' }

test('a node with its token gets orders and papers, and is heard', async () => {
  const desk = deskThatKnows('mine')
  const { app } = testServer({ desk })
  const got = await app.inject({ method: 'GET', url: '/nodes/v1/orders', headers: bearer })
  expect([got.statusCode, got.json()]).toEqual([200, orders])
  const payload = JSON.stringify({ requests: { kubelet: 'PEM' } })
  const papers = await app.inject({ method: 'POST', url: '/nodes/v1/papers', headers: bearer, payload })
  expect(papers.json()).toEqual({ certificates: { kubelet: 'PEM' }, files: {} })
  const again = await app.inject({
    method: 'GET',
    url: '/nodes/v1/orders',
    headers: { ...bearer, 'if-none-match': '"abc"' },
  })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  const report = { phase: 'ready', revision: 'abc', message: '', signature: 'AAAA' }
  const heard = await app.inject({
    method: 'POST',
    url: '/nodes/v1/reports',
    headers: bearer,
    payload: JSON.stringify(report),
  })
  expect([heard.statusCode, desk.told]).toEqual([200, [report]])
  await app.close()
})

test.each([
  ['no token', 'GET', 'orders', {}, undefined, 401],
  ['a token of Keystone', 'GET', 'orders', { 'x-auth-token': 'admin' }, undefined, 401],
  ['another token', 'GET', 'orders', { authorization: 'Bearer other' }, undefined, 401],
  ['no JSON', 'POST', 'papers', bearer, '{', 400],
  ['something else', 'POST', 'papers', bearer, '{"requests": {"kubelet": 3}}', 400],
  [
    'a phase that is none',
    'POST',
    'reports',
    bearer,
    '{"phase": "dead", "revision": "abc", "message": "", "signature": "AAAA"}',
    400,
  ],
  ['a path that is none', 'GET', 'secrets', bearer, undefined, 404],
] as const)('%s is refused', async (_case, method, path, headers, payload, status) => {
  const { app } = testServer({ desk: deskThatKnows('mine') })
  const got = await app.inject({
    method,
    url: `/nodes/v1/${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  expect(got.statusCode).toBe(status)
  await app.close()
})

test('without a desk there is no such door', async () => {
  const { app } = testServer()
  const got = await app.inject({ method: 'GET', url: '/nodes/v1/orders', headers: bearer })
  expect(got.statusCode).toBe(404)
  await app.close()
})
