/** Metrics in Prometheus' text format. Small enough to be our own: three kinds, labels, and no collection in the background. */

export type Labels = Readonly<Record<string, string | number>>

export interface Counter {
  /** @default 1 */
  add(labels?: Labels, by?: number): void
}

export interface Gauge {
  set(value: number, labels?: Labels): void
}

export interface Histogram {
  observe(value: number, labels?: Labels): void
}

export interface MetricOptions {
  /** `croque_api_requests_total` */
  readonly name: string
  /** One line for people. */
  readonly help: string
}

/** A sample that is read when somebody asks. */
export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export interface Metrics {
  counter(options: MetricOptions): Counter
  gauge(options: MetricOptions): Gauge
  /** `buckets` are upper bounds, ascending, in the metric's unit (seconds). */
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): Histogram
  /** A gauge whose values are read when they are asked for: clusters by status. */
  collect(options: MetricOptions, read: () => readonly Sample[]): void
  /** The text of `/metrics`. */
  expose(): string
}

/** A family of lines of one name. */
interface Family extends MetricOptions {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly lines: () => readonly string[]
}

/** @throws Error for a name that is taken, or is none */
export function createMetrics(): Metrics {
  const families = new Map<string, Family>()
  const register = (family: Family): void => {
    if (!/^[a-z_][a-z0-9_]*$/.test(family.name)) throw new Error(`${family.name} is no name of a metric`)
    if (families.has(family.name)) throw new Error(`The metric ${family.name} is there already`)
    families.set(family.name, family)
  }
  return {
    counter: (options) => {
      const values = new Map<string, number>()
      register({ ...options, type: 'counter', lines: () => linesOf(options.name, values) })
      return {
        add: (labels, by = 1) => {
          const key = keyOf(labels)
          values.set(key, (values.get(key) ?? 0) + by)
        },
      }
    },
    gauge: (options) => {
      const values = new Map<string, number>()
      register({ ...options, type: 'gauge', lines: () => linesOf(options.name, values) })
      return { set: (value, labels) => values.set(keyOf(labels), value) }
    },
    histogram: ({ buckets, ...options }) => {
      const series = new Map<string, Observed>()
      const lines = (): string[] =>
        [...series].flatMap(([key, seen]) => histogramLines(options.name, buckets, key, seen))
      register({ ...options, type: 'histogram', lines })
      return {
        observe: (value, labels) => {
          const key = keyOf(labels)
          const seen = series.get(key) ?? { counts: buckets.map(() => 0), sum: 0, count: 0 }
          series.set(key, seen)
          const at = buckets.findIndex((bound) => value <= bound)
          if (at >= 0) seen.counts[at] = (seen.counts[at] ?? 0) + 1
          seen.sum += value
          seen.count++
        },
      }
    },
    collect: (options, read) => {
      const lines = (): string[] => read().map(({ labels, value }) => line(options.name, keyOf(labels), value))
      register({ ...options, type: 'gauge', lines })
    },
    expose: () =>
      [...families.values()]
        .flatMap(({ name, help, type, lines }) => [
          `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
          `# TYPE ${name} ${type}`,
          ...lines(),
        ])
        .map((text) => `${text}\n`)
        .join(''),
  }
}

interface Observed {
  readonly counts: number[]
  sum: number
  count: number
}

/** Buckets are cumulative in the text, not in memory. */
function histogramLines(
  name: string,
  buckets: readonly number[],
  key: string,
  { counts, sum, count }: Observed,
): string[] {
  let below = 0
  const bounds = buckets.map((bound, at) => {
    below += counts[at] ?? 0
    return line(`${name}_bucket`, joined(key, `le="${bound}"`), below)
  })
  return [
    ...bounds,
    line(`${name}_bucket`, joined(key, 'le="+Inf"'), count),
    line(`${name}_sum`, key, sum),
    line(`${name}_count`, key, count),
  ]
}

const joined = (key: string, more: string): string => (key === '' ? more : `${key},${more}`)

const linesOf = (name: string, values: ReadonlyMap<string, number>): readonly string[] =>
  [...values].map(([key, value]) => line(name, key, value))

const line = (name: string, key: string, value: number): string => `${name}${key === '' ? '' : `{${key}}`} ${value}`

/** Labels as they stand in the text; the same labels in another order are the same series. */
function keyOf(labels: Labels = {}): string {
  return Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(',')
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
