import { expect, test } from 'vitest'
import { readableLine } from './log-line.ts'

const request = 'req-8b1f0a52-3f0c-4a6b-8d0e-2a7f9d1c4e63'

test.each([
  ['a text', 'plain text {', 'plain text {'],
  ['half an object', '{"message": "cut', '{"message": "cut'],
  ['an object without a message', '{"a":1}', '{"a":1}'],
  [
    'ours',
    '{"created":1.5,"levelname":"INFO","name":"croque-wait","message":"all there"}',
    'INFO croque-wait all there',
  ],
  [
    "oslo.log's, in a request",
    JSON.stringify({
      levelname: 'ERROR',
      name: 'nova.api',
      message: 'no',
      context: { request_id: request },
      extra: {},
    }),
    `ERROR nova.api [${request}] no`,
  ],
  [
    "oslo.log's, with a traceback",
    JSON.stringify({
      levelname: 'ERROR',
      name: 'nova',
      message: 'failed',
      context: {},
      traceback: 'Traceback:\n  x\nKeyError: 1\n',
    }),
    'ERROR nova failed: KeyError: 1',
  ],
  ["RabbitMQ's", '{"time":"2026","level":"error","msg":"no disk","pid":"<0.1>"}', 'ERROR no disk'],
  [
    "the gateway's",
    JSON.stringify({ levelname: 'INFO', name: 'haproxy', request_id: request, message: 'GET' }),
    `INFO haproxy [${request}] GET`,
  ],
])('%s', (_, line, told) => {
  expect(readableLine(line)).toBe(told)
})
