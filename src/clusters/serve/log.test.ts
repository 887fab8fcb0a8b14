import { expect, test } from 'vitest'
import { readableLine } from '../../kube/index.ts'
import { defaultSettings } from '../certificates/index.ts'
import { loadConfig } from './config.ts'
import { said } from './listen.ts'
import { errorText, lineLog } from './log.ts'
import { certificateSettings } from './routes.ts'

test('a line is JSON with the names of every other service, and reads well', () => {
  const lines: string[] = []
  const log = lineLog(
    (line) => lines.push(line),
    () => 1_700_000_000_123,
  )
  log(said({ kind: 'request', requestId: 'req-1', method: 'GET', path: '/v1/clusters', status: 200 }))
  const [line = ''] = lines
  expect(JSON.parse(line)).toMatchObject({
    created: 1_700_000_000.123,
    levelname: 'INFO',
    request_id: 'req-1',
    status: 200,
  })
  expect(readableLine(line.trimEnd())).toBe('INFO croque.clusters [req-1] GET /v1/clusters 200')
})

test('an error is told with all that it came from', () => {
  expect(errorText(new Error('a', { cause: new Error('b', { cause: 'c' }) }))).toBe('a: b: c')
})

test('what is said of certificates by default is what their maker says', () => {
  expect(certificateSettings(loadConfig('', {}))).toEqual(defaultSettings)
})
