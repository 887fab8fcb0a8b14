import { expect, test } from 'vitest'
import { machinesOf } from './machines.ts'

/** Nova with those servers, of which a list shows only the first. */
function novaWith(
  servers: readonly {
    readonly id: string
    readonly status: string
    readonly updated?: string
    readonly fault?: object
  }[],
) {
  const asked: string[] = []
  const request = async (_service: string, _method: string, path: string, options: { query?: object } = {}) => {
    asked.push(`${path} ${JSON.stringify(options.query ?? {})}`)
    if (path === '/servers/detail') return { status: 200, headers: {}, body: { servers: servers.slice(0, 1) } }
    const server = servers.find(({ id }) => path === `/servers/${id}`)
    return { status: server === undefined ? 404 : 200, headers: {}, body: server === undefined ? {} : { server } }
  }
  return { session: { request }, asked }
}

test('servers are what Nova says of them, and gone only when it has none of that name', async () => {
  const { session, asked } = novaWith([
    { id: 'one', status: 'ACTIVE', updated: '2026-11-29T13:04:05Z' },
    { id: 'two', status: 'ERROR', fault: { message: 'No valid host was found', code: 500 } },
    { id: 'three', status: 'ACTIVE', fault: { message: 'of long ago' } },
  ])
  const found = await machinesOf(session, { prefix: 'demo-1f0e2d3c', ids: ['one', 'two', 'three', 'four'] })
  expect(Object.fromEntries(found)).toEqual({
    one: { state: 'ACTIVE', movedAt: Date.UTC(2026, 10, 29, 13, 4, 5) },
    two: { state: 'ERROR: No valid host was found' },
    three: { state: 'ACTIVE' },
    four: { state: 'gone' },
  })
  expect(asked[0]).toBe('/servers/detail {"name":"^demo-1f0e2d3c"}')
})

test('nobody is asked about nothing', async () => {
  const { session, asked } = novaWith([])
  expect([...(await machinesOf(session, { prefix: 'demo', ids: [] }))]).toEqual([])
  expect(asked).toEqual([])
})
