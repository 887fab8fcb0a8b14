/** The levels of `./croque test`, in the order in which they run: what is quick and cheap to mend comes first. */
import { access, constants } from 'node:fs/promises'
import type { Machine } from './command.ts'

export interface Level {
  readonly name: string
  /** Programs of node_modules with their arguments; each counts as one test. Absent for a level of vitest. */
  readonly checks?: readonly (readonly [string, ...string[]])[]
  /** Needs root and namespaces of its own. */
  readonly privileged?: boolean
  /** Files of a level that are run one after the other, in this order. Absent: vitest runs them at once. */
  readonly files?: readonly TestFile[]
}

export interface TestFile {
  readonly path: string
  /** That it takes on two cores with nothing else to do. */
  readonly minutes: number
  /** How many there must be to begin it: what does not fit any more is left out test by test. @default minutes */
  readonly least?: number
}

export const levels: readonly Level[] = [
  {
    name: 'lint',
    checks: [
      ['biome', 'check', '--error-on-warnings', '.'],
      ['oxlint', '--type-aware', '--deny-warnings'],
    ],
  },
  { name: 'types', checks: [['tsc', '-p', '.']] },
  { name: 'unused', checks: [['knip']] },
  { name: 'unit' },
  { name: 'integration', privileged: true },
  {
    name: 'e2e',
    privileged: true,
    files: [
      { path: 'test/e2e/lxc.test.ts', minutes: 18 },
      { path: 'test/e2e/somebody.test.ts', minutes: 10 },
      { path: 'test/e2e/ceph.test.ts', minutes: 6 },
      { path: 'test/e2e/underlay.test.ts', minutes: 3 },
      { path: 'test/e2e/registry.test.ts', minutes: 2 },
      { path: 'test/e2e/cloud.test.ts', minutes: 28, least: 8 },
      { path: 'test/e2e/cluster-changes.test.ts', minutes: 55, least: 15 },
      { path: 'test/e2e/conformance.test.ts', minutes: 30 },
    ],
  },
]

/** Of all levels before e2e. */
const minutesBefore = 14

/**
 * The first of the files that are left to run that fits into the time: undefined when none does. A run that is cut off at the end of its time says
 * nothing at all. The machine may be slower than the one that the minutes are of: it is as slow as it was so far.
 */
export function fitting(
  left: readonly TestFile[],
  { spent, done, limit }: { readonly spent: number; readonly done: readonly TestFile[]; readonly limit: number },
): TestFile | undefined {
  const usual = done.reduce((sum, { minutes }) => sum + minutes, minutesBefore)
  const slowness = Math.max(1, spent / usual)
  return left.find(({ minutes, least = minutes }) => spent + least * slowness <= limit)
}

/** Facts of this machine that decide which levels can run. */
export interface Abilities {
  readonly root: boolean
  readonly namespaces: boolean
}

/** Why this machine cannot run the level; undefined when it can. */
export function obstacle(level: Level, abilities: Abilities): string | undefined {
  if (level.privileged !== true) return undefined
  if (!abilities.root) return 'it needs root'
  if (!abilities.namespaces)
    return 'it needs to make mount, network and pid namespaces, which this machine does not allow'
  return undefined
}

/** Tries rather than guesses: makes the namespaces once. `tryNamespaces` runs a program in new ones and tells whether that worked. */
export async function observeAbilities(uid: number, tryNamespaces: () => Promise<boolean>): Promise<Abilities> {
  const root = uid === 0
  return { root, namespaces: root && (await tryNamespaces()) }
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const addCounts = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** What vitest's JSON reporter writes, as far as it is used. */
export interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string
    readonly status: string
    /** Why the file could not be loaded. */
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      /** A message with its stack each. */
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** A line for every failed test and for every file that could not be loaded: where, which, and the first line of why. */
export function failedIn(report: VitestReport, repoDir: string): readonly string[] {
  const line = (...parts: readonly string[]): string =>
    parts
      .map((part) => part.split('\n', 1)[0])
      .filter((part) => part !== '')
      .join(': ')
      .slice(0, 300)
  return report.testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = name.replace(`${repoDir}/`, '')
      const failed = assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => line(file, fullName, failureMessages[0] ?? ''))
      return failed.length > 0 ? failed : [line(file, message)]
    })
}

/** A file that could not be loaded counts as one failure, and so does a run that failed without any failed test. */
export function countReport(report: VitestReport | undefined, exit: number): Counts {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const unloadable = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = report.numFailedTests + unloadable.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exit !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** The path of a program in node_modules. */
export async function binaryOf(machine: Pick<Machine, 'repoDir'>, name: string): Promise<string> {
  const path = `${machine.repoDir}/node_modules/.bin/${name}`
  await access(path, constants.X_OK)
  return path
}
