import { expect, test } from 'vitest'
import { parseReport } from './report.ts'

const spec = (LeafNodeText: string, State: string, more: object = {}): object => ({
  ContainerHierarchyTexts: ['[sig-node] Pods'],
  LeafNodeType: 'It',
  LeafNodeText,
  State,
  RunTime: 1_500_000_000,
  ...more,
})

const report = (SpecReports: readonly object[] | null, SpecialSuiteFailureReasons: readonly string[] | null = null) =>
  parseReport(JSON.stringify([{ SpecReports, SpecialSuiteFailureReasons }]))

test('every test is known by what became of it; of those that nobody asked for is no word', () => {
  const found = report([
    spec('should run [Conformance]', 'passed'),
    spec('should stop [Conformance]', 'failed', { Failure: { Message: 'it went on' } }),
    spec('should end [Conformance]', 'timedout', { Failure: { Message: 'A suite timeout occurred' } }),
    spec('should be two [Conformance]', 'skipped', { Failure: { Message: 'there is one node' } }),
    spec('should be somebody else', 'skipped'),
  ])
  expect(found.passed).toEqual(['[sig-node] Pods should run [Conformance]'])
  expect(found.failed).toEqual([
    '[sig-node] Pods should stop [Conformance]: it went on',
    '[sig-node] Pods should end [Conformance]: A suite timeout occurred',
  ])
  expect(found.skipped).toEqual(['[sig-node] Pods should be two [Conformance]: there is one node'])
  expect(found.took.get('[sig-node] Pods should run [Conformance]')).toBe(1500)
})

test('what stands before all tests counts when it fails, and not when it passes', () => {
  const before = {
    ContainerHierarchyTexts: null,
    LeafNodeType: 'SynchronizedBeforeSuite',
    LeafNodeText: '',
    RunTime: 0,
  }
  const passed = spec('should run [Conformance]', 'passed')
  expect(report([{ ...before, State: 'passed' }, passed])).toMatchObject({ failed: [], passed: [expect.anything()] })
  const failed = { ...before, State: 'failed', Failure: { Message: 'no cluster answers' } }
  expect(report([failed, passed]).failed).toEqual([': no cluster answers'])
})

test.each([
  ['nothing at all', '[]', ['no test was run']],
  [
    'a suite that never began',
    '[{"SpecReports": null, "SpecialSuiteFailureReasons": ["no such file"]}]',
    ['no test was run', 'no such file'],
  ],
])('a run of %s has failed', (_name, json, failed) => {
  expect(parseReport(json).failed).toEqual(failed)
})
