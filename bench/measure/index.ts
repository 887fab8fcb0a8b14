/** What the benchmarks share: running croque as a user does, medians, rows of the table. Not a benchmark itself. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchmarkRow } from '../../src/cli/commands/bench.ts'

export const croque = join(import.meta.dirname, '../../croque')

export interface Measured {
  readonly seconds: number
  /** Events of `--output json`, the result last. */
  readonly events: readonly Readonly<Record<string, unknown>>[]
}

/** Runs a command of croque with `--output json`; throws when it fails. Exit code 2 of `plan` is no failure. */
export function runCroque(args: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const begin = performance.now()
  const result = spawnSync(croque, [...args, '--output', 'json'], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seconds = (performance.now() - begin) / 1000
  if (result.status !== 0 && result.status !== 2)
    throw new Error(`croque ${args.join(' ')} failed:\n${result.stdout.slice(-4000)}`)
  const events = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  return { seconds, events }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** A row whose figure is reached when it is at most `reach`. */
export function row(what: string, value: number, reach: number | undefined, unit: string, digits = 1): BenchmarkRow {
  const text = (number: number): string => `${number.toFixed(digits)} ${unit}`
  return {
    what,
    measured: text(value),
    reach: reach === undefined ? '' : text(reach),
    ok: reach === undefined || value <= reach,
  }
}

/** A cloud of its own name and ports, so that a benchmark runs beside a user's; `remove` leaves nothing of it. */
export function benchCloud({ lxcNodes = 0 } = {}): {
  readonly name: string
  readonly file: string
  readonly remove: () => void
} {
  const directory = mkdtempSync(join(tmpdir(), 'croque-bench-'))
  const file = join(directory, 'cloud.yaml')
  writeFileSync(
    file,
    `apiVersion: croque.dev/v1alpha1
kind: Cloud
metadata: {name: bench}
spec:
  underlay: {type: embedded, apiPort: 17443, lxcNodes: ${lxcNodes}}
  endpoints: {port: 19443}
`,
  )
  return {
    name: 'bench',
    file,
    remove: () => {
      runCroque(['down', '--file', file, '--yes'])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Bytes of memory (proportional set size) of everything that a cloud runs: its nodes with all in them, and its forwards. */
export function memoryOf(name: string): number {
  const group = new RegExp(`:/croque/${name}(/|$)`, 'm')
  return memoryWhere(({ groups, command }) => group.test(groups) || command.includes(`/${name}/forwards/`))
}

/** Of its container guests: all of them together. */
export function memoryOfGuests(name: string): number {
  const group = new RegExp(`:/croque/${name}/.*instance-`, 'm')
  return memoryWhere(({ groups }) => group.test(groups))
}

interface Running {
  /** Its control groups, a line each. */
  readonly groups: string
  readonly command: string
}

function memoryWhere(ours: (running: Running) => boolean): number {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  return pids.reduce((sum, pid) => {
    try {
      const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      if (!ours({ groups, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') })) return sum
      const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? '0'
      return sum + Number(kibibytes) * 1024
    } catch {
      // It has ended since the directory was read.
      return sum
    }
  }, 0)
}

/** How many requests of administrators changed something so far, by the API server's own audit log; dry runs are none. */
export function writesAtServer(cloudDir: string, name: string): number {
  const log = readFileSync(join(cloudDir, 'nodes', `${name}-1`, 'var/log/croque/audit.log'), 'utf8')
  return log.split('\n').filter((line) => line !== '' && !line.includes('dryRun=All')).length
}
