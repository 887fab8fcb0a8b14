import { expect, test } from 'vitest'
import { createMetrics } from '../../metrics/index.ts'
import { createSideServer } from './side.ts'

test('operators find metrics, the document, liveness and readiness', async () => {
  const metrics = createMetrics()
  metrics.counter({ name: 'asked_total', help: 'Asked.' }).add()
  let isReady = false
  const side = createSideServer({ metrics, openApi: { openapi: '3.1.0' }, isReady: () => isReady })
  const get = async (url: string): Promise<readonly [number, string]> => {
    const { statusCode, body } = await side.inject({ method: 'GET', url })
    return [statusCode, body]
  }
  expect((await get('/metrics'))[1]).toContain('asked_total 1\n')
  expect(await get('/openapi.json')).toEqual([200, '{"openapi":"3.1.0"}'])
  expect(await get('/livez')).toEqual([200, 'ok'])
  expect(await get('/readyz')).toEqual([503, 'not ready'])
  isReady = true
  expect(await get('/readyz')).toEqual([200, 'ok'])
  expect((await get('/v1/clusters'))[0]).toBe(404)
})
