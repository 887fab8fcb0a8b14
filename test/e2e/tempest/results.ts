/** What a run of Tempest says of its tests, a line each: `{0} tempest.api.x.Test.test_y [1.23s] ... ok`. */

export interface Results {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
  /** Each with the reason that Tempest gave. */
  readonly skipped: readonly string[]
}

const line =
  /^\{\d+\} (?<name>.+?)(?: \[[\d.]+s\])? \.\.\. (?<outcome>ok|FAILED|inprogress|SKIPPED(?:: (?<reason>.*))?)$/

/** Text without a single test counts as a failure: a run that never began. A test that never ended has failed too. */
export function parseResults(said: string): Results {
  const lines = said
    .split('\n')
    .map((text) => line.exec(text.trimEnd())?.groups)
    .filter((groups) => groups !== undefined)
  const names = (...outcomes: readonly string[]): readonly string[] =>
    lines.filter(({ outcome = '' }) => outcomes.includes(outcome)).map(({ name = '' }) => name)
  const skipped = lines
    .filter(({ outcome = '' }) => outcome.startsWith('SKIPPED'))
    .map(({ name = '', reason = '' }) => `${name}: ${reason}`)
  const failed = names('FAILED', 'inprogress')
  return { passed: names('ok'), failed: lines.length === 0 ? ['no test was run'] : failed, skipped }
}
