/** What the API and the reconciler count. */
export {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type Labels,
  type MetricOptions,
  type Metrics,
  type Sample,
} from './registry.ts'
