import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CroqueError, nearest } from '../../errors/index.ts'
import type { CommandContext, Run } from '../command.ts'

/** What a file of `bench/` exports as `bench`. */
export interface Benchmark {
  /** Returns the rows of its table: what, measured, to reach. */
  readonly measure: (context: CommandContext) => Promise<readonly BenchmarkRow[]>
}

export interface BenchmarkRow {
  readonly what: string
  readonly measured: string
  /** Empty where there is no figure to reach. */
  readonly reach: string
  readonly ok: boolean
}

export const run: Run = async (context) => {
  const directory = join(context.repoDir, 'bench')
  const names = (await readdir(directory)).filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3))
  const wanted = context.args[0]
  if (wanted !== undefined && !names.includes(wanted)) {
    const near = nearest(wanted, names)
    throw new CroqueError('argument-invalid', {
      what: `There is no benchmark ${wanted}`,
      next: `Benchmarks: ${names.sort().join(', ')}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    })
  }
  const rows: BenchmarkRow[] = []
  for (const name of wanted === undefined ? names.sort() : [wanted]) {
    const { bench } = (await import(pathToFileURL(join(directory, `${name}.ts`)).href)) as { bench: Benchmark }
    rows.push(...(await bench.measure(context)))
  }
  if (context.output === 'json') context.emit({ type: 'data', data: rows })
  else context.stdout.write(table(rows))
  return { exit: rows.every((row) => row.ok) ? 0 : 1 }
}

function table(rows: readonly BenchmarkRow[]): string {
  const cells = [
    ['what', 'measured', 'reach', ''],
    ...rows.map((row) => [row.what, row.measured, row.reach, row.ok ? 'ok' : 'missed']),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
