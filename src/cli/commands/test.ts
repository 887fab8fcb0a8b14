import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CroqueError, nearest } from '../../errors/index.ts'
import { run as runProgram, signalGroup } from '../../host/index.ts'
import type { CommandContext, Run } from '../command.ts'
import {
  addCounts,
  binaryOf,
  type Counts,
  countReport,
  failedIn,
  fitting,
  type Level,
  levels,
  observeAbilities,
  obstacle,
  type TestFile,
  type VitestReport,
} from '../levels.ts'

export const run: Run = async (context) => {
  const chosen = chooseLevels(context.options.value('level'))
  const mustRun = (context.env['CI'] ?? '') === 'true'
  const abilities = await observeAbilities(process.getuid?.() ?? -1, () => tryNamespaces(context))
  let total: Counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  for (const level of chosen) {
    context.signal.throwIfAborted()
    const reason = obstacle(level, abilities)
    const counts =
      reason === undefined ? await runLevel(context, level, failures) : passOver(context, { level, reason, mustRun })
    total = addCounts(total, counts)
    say(context, `${level.name}: ${countsLine(counts)}`)
  }
  // Once more, since what a level printed of them may be thousands of lines above.
  for (const failure of failures) say(context, `failed: ${failure}`)
  if (context.output === 'json') context.emit({ type: 'data', data: total })
  else context.stdout.write(`${countsLine(total)}\n`)
  return { exit: total.failed === 0 ? 0 : 1 }
}

const countsLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

function chooseLevels(list: string | undefined): readonly Level[] {
  if (list === undefined) return levels
  const names = list.split(',').map((name) => name.trim())
  const known = levels.map((level) => level.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return levels.filter((level) => names.includes(level.name))
  const near = nearest(unknown, known)
  throw new CroqueError('argument-invalid', {
    what: `There is no level ${unknown}`,
    next: `Levels: ${known.join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  })
}

function passOver(
  context: CommandContext,
  { level, reason, mustRun }: { level: Level; reason: string; mustRun: boolean },
): Counts {
  say(context, `${level.name}: ${mustRun ? 'failed' : 'skipped'}, because ${reason}`)
  return mustRun ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 }
}

/** Adds a line for everything that fails to `failures`. */
async function runLevel(context: CommandContext, level: Level, failures: string[]): Promise<Counts> {
  say(context, `== ${level.name}`)
  if (level.files !== undefined) return await runFiles(context, level.files, { project: level.name, failures })
  if (level.checks === undefined) return await runVitest(context, level.name, { filters: context.args, failures })
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const [name, ...args] of level.checks) {
    const exit = await start(context, await binaryOf(context, name), args)
    if (exit !== 0) failures.push([name, ...args].join(' '))
    counts = addCounts(counts, { passed: exit === 0 ? 1 : 0, failed: exit === 0 ? 0 : 1, skipped: 0 })
  }
  return counts
}

/** Where the environment says how many minutes there are for everything, no test begins after them, and what runs then has these to end. */
const grace = 7

/** One after the other, those that fit into the time; the others are skipped, and told. */
async function runFiles(
  context: CommandContext,
  files: readonly TestFile[],
  { project, failures }: { readonly project: string; readonly failures: string[] },
): Promise<Counts> {
  const { args, env } = context
  const limit = Number(env['CROQUE_TEST_MINUTES'] ?? Number.POSITIVE_INFINITY)
  let left = files.filter(({ path }) => args.length === 0 || args.some((filter) => path.includes(filter)))
  const done: TestFile[] = []
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  const spent = (): number => process.uptime() / 60
  const runOne = async ({ path }: TestFile): Promise<Counts> => {
    const filters = [path]
    if (limit === Number.POSITIVE_INFINITY) return await runVitest(context, project, { filters, failures })
    const directory = await mkdtemp(join(tmpdir(), 'croque-test-'))
    const failed = join(directory, 'failed')
    const cut = AbortSignal.timeout(Math.ceil((limit + grace - spent()) * 60_000))
    const bounded = {
      ...context,
      env: { ...env, CROQUE_TEST_UNTIL: String(Date.now() + (limit - spent()) * 60_000), CROQUE_TEST_FAILED: failed },
      signal: AbortSignal.any([context.signal, cut]),
    }
    try {
      return await runVitest(bounded, project, { filters, failures })
    } catch (error) {
      if (!cut.aborted || context.signal.aborted) throw error
      say(context, `skipped: ${path}: it was cut off, since the time is over`)
      const before = (await readFile(failed, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
      failures.push(...before)
      return { passed: 0, failed: before.length, skipped: 1 }
    } finally {
      await rm(directory, { recursive: true })
    }
  }
  for (;;) {
    const next = fitting(left, { spent: spent(), done, limit })
    if (next === undefined) break
    counts = addCounts(counts, await runOne(next))
    done.push(next)
    left = left.filter((file) => file !== next)
  }
  for (const { path, minutes } of left)
    say(
      context,
      `skipped: ${path}: it takes ${minutes} minutes or more, and ${spent().toFixed(0)} of ${limit} are over`,
    )
  return addCounts(counts, { passed: 0, failed: 0, skipped: left.length })
}

async function runVitest(
  context: CommandContext,
  project: string,
  { filters, failures }: { readonly filters: readonly string[]; readonly failures: string[] },
): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), 'croque-test-'))
  const file = join(directory, 'results.json')
  try {
    const exit = await start(context, await binaryOf(context, 'vitest'), [
      'run',
      `--project=${project}`,
      // Of what takes minutes each, every test is told when it ends: where a run that is cut off stood is after the last one.
      `--reporter=${project === 'e2e' ? 'verbose' : 'default'}`,
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...(context.options.flag('update') ? ['--update'] : []),
      ...(filters.length > 0 ? ['--passWithNoTests'] : []),
      ...filters,
    ])
    const text = await readFile(file, 'utf8').catch(() => undefined)
    const report = text === undefined ? undefined : (JSON.parse(text) as VitestReport)
    const failed = report === undefined ? [] : failedIn(report, context.repoDir)
    failures.push(...(failed.length === 0 && exit !== 0 ? [`${project}: an error outside of its tests`] : failed))
    return countReport(report, exit)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/**
 * Runs a program of node_modules with the Node that runs this one; its output goes to the user (to stderr beside JSON). When the signal
 * aborts, it ends with everything that it started: a test that waits for a program does not hear of a signal itself.
 */
async function start(context: CommandContext, path: string, args: readonly string[]): Promise<number> {
  const env = { ...context.env, PATH: `${dirname(process.execPath)}:${context.env['PATH'] ?? ''}` }
  const child = spawn(path, [...args], {
    cwd: context.repoDir,
    env,
    stdio: ['ignore', context.output === 'json' ? 2 : 1, 2],
    detached: true,
  })
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) signalGroup(child.pid, signal)
  }
  const stop = (): void => {
    end('SIGTERM')
    setTimeout(end, secondsToEnd * 1000, 'SIGKILL').unref()
  }
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    context.signal.throwIfAborted()
    return code ?? 1
  } finally {
    context.signal.removeEventListener('abort', stop)
    if (context.signal.aborted) end('SIGKILL')
  }
}

const secondsToEnd = 30

async function tryNamespaces(context: CommandContext): Promise<boolean> {
  return await runProgram('unshare', ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', 'true'], {
    signal: context.signal,
  }).then(
    () => true,
    () => false,
  )
}

function say(context: CommandContext, line: string): void {
  const stream = context.output === 'json' ? context.stderr : context.stdout
  stream.write(`${line}\n`)
}
