import { expect, test } from 'vitest'
import { type BusClient, type BusSettings, createBus, topology } from './bus.ts'
import { notificationOf } from './envelope.ts'

const settings: BusSettings = { hosts: ['127.0.0.1:5672'], user: 'u', password: 'p', vhost: '/' }
const notification = { routingKey: 'notifications.info', body: '{}' }

/** A client whose bus may be away. */
function client() {
  const sent: string[] = []
  const waiting: (() => void)[] = []
  const state = { away: false, broken: false }
  const made: BusClient = {
    publisher: () => ({
      send: async (envelope, body) => {
        if (state.broken) throw new Error('broken')
        if (state.away) await new Promise<void>((resolve) => waiting.push(resolve))
        sent.push(`${JSON.stringify(envelope)} ${String(body)}`)
      },
      close: async () => {
        for (const go of waiting.splice(0)) go()
      },
    }),
    close: async () => undefined,
  }
  return { made, sent, state }
}

test('a notification goes to its topic, as kombu sends it', async () => {
  const { made, sent } = client()
  const bus = createBus(made, settings, () => undefined)
  bus.publish(notification)
  await bus.close()
  expect(sent).toEqual([
    '{"exchange":"magnum","routingKey":"notifications.info","durable":true,"contentType":"application/json","contentEncoding":"utf-8"} {}',
  ])
})

test('a bus that is away delays what fits, and loses what does not', async () => {
  const { made, sent, state } = client()
  const failures: string[] = []
  const bus = createBus(made, { ...settings, limit: 3 }, (error) => failures.push(String(error)))
  state.away = true
  for (let i = 0; i < 5; i++) bus.publish(notification)
  expect(failures).toHaveLength(2)
  await bus.close()
  expect(sent).toHaveLength(3)
})

test('what cannot be sent is told, and holds no place', async () => {
  const { made, state } = client()
  const failures: string[] = []
  const bus = createBus(made, { ...settings, limit: 1 }, (error) => failures.push(String(error)))
  state.broken = true
  for (let i = 0; i < 3; i++) {
    bus.publish(notification)
    await new Promise(setImmediate)
  }
  expect(failures).toEqual(['Error: broken', 'Error: broken', 'Error: broken'])
})

test('queues are declared as consumers of the cloud declare them', () => {
  expect(topology(settings)).toEqual({
    exchanges: [{ exchange: 'magnum', type: 'topic', durable: true }],
    queues: [
      { queue: 'notifications.info', durable: true, arguments: { 'x-queue-type': 'quorum' } },
      { queue: 'notifications.error', durable: true, arguments: { 'x-queue-type': 'quorum' } },
    ],
    queueBindings: [
      { exchange: 'magnum', queue: 'notifications.info', routingKey: 'notifications.info' },
      { exchange: 'magnum', queue: 'notifications.error', routingKey: 'notifications.error' },
    ],
  })
  expect(topology({ ...settings, quorum: false, exchange: 'openstack' })).toMatchObject({
    exchanges: [{ exchange: 'openstack', durable: false }],
    queues: [{ queue: 'notifications.info', durable: false }, { queue: 'notifications.error' }],
  })
})

test('the envelope is oslo.messaging 2.0', () => {
  let ids = 0
  const { routingKey, body } = notificationOf(
    { eventType: 'magnum.cluster.create', priority: 'ERROR', payload: { outcome: 'failure' } },
    { requestId: 'req-1' },
    {
      publisherId: 'container-infra.host',
      now: new Date(Date.UTC(2026, 10, 28, 16, 0, 0, 5)),
      newId: () => `a-${++ids}`,
    },
  )
  expect(routingKey).toBe('notifications.error')
  const envelope = JSON.parse(body) as Record<string, string>
  expect(Object.keys(envelope)).toEqual(['oslo.version', 'oslo.message'])
  expect(envelope['oslo.version']).toBe('2.0')
  expect(JSON.parse(envelope['oslo.message'] ?? '')).toEqual({
    message_id: 'a-1',
    publisher_id: 'container-infra.host',
    event_type: 'magnum.cluster.create',
    priority: 'ERROR',
    payload: { outcome: 'failure' },
    timestamp: '2026-11-28 16:00:00.005000',
    _unique_id: 'a2',
    _context_request_id: 'req-1',
    _context_user_id: null,
    _context_project_id: null,
  })
})
