/** The house keeps its shape: arrows of the table only, no cycle, no way round a folder's public face. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from 'vitest'
import { createGraph } from '../../src/dag/index.ts'
import { table } from './table.ts'

const src = join(import.meta.dirname, '../../src')

interface Import {
  readonly from: string
  readonly file: string
  readonly to: string
  readonly path: string
}

function sources(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) return sources(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

const files = sources(src).filter((path) => !path.endsWith('.test.ts'))

const imports: readonly Import[] = files.flatMap((path) => {
  const file = relative(src, path)
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].flatMap(([, target = '']) => {
    const other = relative(src, normalize(join(dirname(path), target)))
    const [from = '', to = ''] = [file.split('/')[0], other.split('/')[0]]
    return from === to || other.startsWith('..') ? [] : [{ from, file, to, path: other }]
  })
})

test('every arrow is in the table', () => {
  const wrong = imports.filter(({ from, to }) => from !== 'cli' && to !== 'errors' && !(table[from] ?? []).includes(to))
  expect(wrong.map(({ file, path }) => `${file} imports ${path}`)).toEqual([])
})

test('the table has no cycle', () => {
  expect(() => createGraph(Object.entries(table).map(([id, needs]) => ({ id, value: id, needs })))).not.toThrow()
})

test('a folder is imported by its index only', () => {
  const wrong = imports.filter(
    ({ path }) => !/^[a-z]+\/index\.ts$/.test(path) && !/^underlay\/[a-z]+\/index\.ts$/.test(path),
  )
  expect(wrong.map(({ file, path }) => `${file} imports ${path}`)).toEqual([])
})

test('only the command line knows the process', () => {
  const wrong = files.filter(
    (path) =>
      !relative(src, path).startsWith('cli/') &&
      /process\.(env|argv)\b/.test(
        readFileSync(path, 'utf8')
          .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
          .replaceAll(/`[^`]*`/g, ''),
      ),
  )
  expect(wrong.map((path) => relative(src, path))).toEqual([])
})

test('the engine and the renderer name no service', () => {
  const services = readdirSync(join(src, 'catalog'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  const wrong = files
    .filter((path) => ['engine', 'render', 'kube', 'dag'].includes(relative(src, path).split('/')[0] ?? ''))
    .flatMap((path) =>
      services
        .filter((service) => new RegExp(`'${service}['/]`).test(readFileSync(path, 'utf8')))
        .map((service) => `${relative(src, path)} names ${service}`),
    )
  expect(wrong).toEqual([])
})
