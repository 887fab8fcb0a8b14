/** Runs chosen tests of Kubernetes' own against a cluster, from this machine, as anybody would who wants to know whether it conforms. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseReport, type Report } from './report.ts'

export interface ConformanceRun {
  /** Directory with `ginkgo` and `e2e.test`. */
  readonly programs: string
  /** Path of an administrator's. */
  readonly kubeconfig: string
  /** Path of the program. */
  readonly kubectl: string
  /** Full names of tests. */
  readonly names: readonly string[]
  /** Tests at a time, but for those that must be alone. */
  readonly at: number
  /** What is called with every line that it says. */
  readonly say: (line: string) => void
}

/** Longest that all of them may take, after which what still runs is ended and has failed. */
const longest = '45m'

/** What became of them; what is said of failures comes by `say`, with the logs of the Pods in question. */
export async function runConformance(options: ConformanceRun): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'croque-conformance-'))
  const ginkgo = [
    `--procs=${options.at}`,
    `--focus=${options.names.map(quoted).join('|')}`,
    `--timeout=${longest}`,
    '--no-color',
    '--succinct',
    '--silence-skips',
    '--json-report=report.json',
    `--output-dir=${directory}`,
  ]
  const cluster = ['--provider=skeleton', `--kubeconfig=${options.kubeconfig}`, `--kubectl-path=${options.kubectl}`]
  try {
    const program = join(options.programs, 'ginkgo')
    const child = spawn(program, [...ginkgo, join(options.programs, 'e2e.test'), '--', ...cluster], {
      cwd: directory,
      env: { HOME: directory, LANG: 'C.UTF-8', PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => options.say(text))
    await new Promise((done) => child.once('close', done))
    return parseReport(await readFile(join(directory, 'report.json'), 'utf8').catch(() => '[]'))
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A name as a regular expression of Go for nothing else. */
const quoted = (name: string): string => name.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&')
