import { expect, test } from 'vitest'
import { createMetrics } from './registry.ts'

test('the text is what Prometheus reads', () => {
  const metrics = createMetrics()
  const requests = metrics.counter({ name: 'requests_total', help: 'Requests.\nAll of them.' })
  requests.add({ status: 200, route: 'a"b\\' })
  requests.add({ route: 'a"b\\', status: 200 }, 2)
  metrics.gauge({ name: 'depth', help: 'Depth.' }).set(3)
  const seconds = metrics.histogram({ name: 'seconds', help: 'Time.', buckets: [0.1, 1] })
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, { route: 'r' })
  metrics.collect({ name: 'clusters', help: 'Clusters.' }, () => [{ labels: { status: 'x' }, value: 4 }])
  expect(metrics.expose()).toBe(
    [
      '# HELP requests_total Requests.\\nAll of them.',
      '# TYPE requests_total counter',
      'requests_total{route="a\\"b\\\\",status="200"} 3',
      '# HELP depth Depth.',
      '# TYPE depth gauge',
      'depth 3',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{route="r",le="0.1"} 2',
      'seconds_bucket{route="r",le="1"} 3',
      'seconds_bucket{route="r",le="+Inf"} 4',
      'seconds_sum{route="r"} 7.65',
      'seconds_count{route="r"} 4',
      '# HELP clusters Clusters.',
      '# TYPE clusters gauge',
      'clusters{status="x"} 4',
      '',
    ].join('\n'),
  )
})

test('a name is used once, and is one', () => {
  const metrics = createMetrics()
  metrics.counter({ name: 'a', help: '' })
  expect(() => metrics.gauge({ name: 'a', help: '' })).toThrow('there already')
  expect(() => metrics.gauge({ name: 'a-b', help: '' })).toThrow('no name')
})
