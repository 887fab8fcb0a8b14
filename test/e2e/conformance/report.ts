/** What Ginkgo's JSON report says of the tests that ran. */

export interface Report {
  readonly passed: readonly string[]
  /** Each with the first lines of why. */
  readonly failed: readonly string[]
  /** Names of tests that began and found that they cannot be tried here, with why. */
  readonly skipped: readonly string[]
  /** Milliseconds by name. */
  readonly took: ReadonlyMap<string, number>
}

interface Suite {
  readonly SpecReports: readonly Spec[] | null
  readonly SpecialSuiteFailureReasons: readonly string[] | null
}

interface Spec {
  readonly ContainerHierarchyTexts: readonly string[] | null
  readonly LeafNodeType: string
  readonly LeafNodeText: string
  readonly State: string
  readonly RunTime: number
  readonly Failure?: { readonly Message: string }
}

const nameOf = ({ ContainerHierarchyTexts, LeafNodeText }: Spec): string =>
  [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' ')

/** Tests that nobody asked for are in the report as skipped, without a reason. What stands around the tests counts when it failed. */
export function parseReport(json: string): Report {
  const suites = JSON.parse(json) as readonly Suite[]
  const specs = suites.flatMap((suite) => suite.SpecReports ?? [])
  const tests = specs.filter(({ LeafNodeType }) => LeafNodeType === 'It')
  const because = (spec: Spec): string => `${nameOf(spec)}: ${spec.Failure?.Message ?? spec.State}`
  const passed = tests.filter(({ State }) => State === 'passed')
  const failed = specs.filter(({ State }) => !['passed', 'skipped', 'pending', ''].includes(State)).map(because)
  const skipped = tests.filter(({ State, Failure }) => State === 'skipped' && Failure !== undefined).map(because)
  const special = suites.flatMap((suite) => suite.SpecialSuiteFailureReasons ?? [])
  const nothing = passed.length + failed.length === 0 ? ['no test was run', ...special] : []
  return {
    passed: passed.map(nameOf),
    failed: [...failed, ...nothing],
    skipped,
    took: new Map(tests.map((spec) => [nameOf(spec), spec.RunTime / 1e6])),
  }
}
