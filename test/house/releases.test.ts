/** What can be known of every release without building it: its lock file is whole, and what the catalog runs is in it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { knownServices, render, type Site } from '../../src/render/index.ts'
import { loadCloud, releases } from '../../src/spec/index.ts'

const repo = join(import.meta.dirname, '../..')

const folders: readonly (readonly [string, string])[] = [
  ['lock files', 'images/openstack'],
  ['option lists', 'src/oslo/options'],
  ['policy rules', 'src/policy/rules'],
]

test.each(folders)('of every release there are %s, and of no other', (_what, folder) => {
  const found = readdirSync(join(repo, folder)).filter((name) => /^\d{4}\.\d$/.test(name))
  expect(found.sort()).toEqual([...releases].sort())
})

/** As package indexes compare names. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

describe.each(releases)('%s', (release) => {
  const text = (name: string): string => readFileSync(join(repo, 'images/openstack', release, name), 'utf8')
  const locked = text('requirements.lock')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

  test('every requirement of the lock file is one version with its hashes', () => {
    expect(locked.length).toBeGreaterThan(200)
    expect(locked.filter((line) => !/^[\w.-]+==\S+( ;[^\\]+?)?( +--hash=sha256:[0-9a-f]{64})+ *$/.test(line))).toEqual(
      [],
    )
    const names = locked.map((line) => plain(line.split('==')[0] ?? ''))
    expect(names.length).toBe(new Set(names).size)
  })

  test('what is asked for is locked, at the version asked for', () => {
    const wanted = text('requirements.in')
      .split('\n')
      .filter((line) => /^\w/.test(line))
    const versions = new Map(
      locked.map((line) => line.split(/[= ]+/)).map(([name = '', version]) => [plain(name), version]),
    )
    const wrong = wanted
      .map((line) => line.split('=='))
      .filter(([name = '', version]) => {
        const found = versions.get(plain(name))
        return found === undefined || (version !== undefined && version !== found)
      })
    expect(wrong).toEqual([])
  })

  test('the programs and WSGI modules of the catalog are in it', () => {
    const has: Record<'programs' | 'wsgiModules', readonly string[]> = JSON.parse(
      readFileSync(join(import.meta.dirname, 'programs', `${release}.json`), 'utf8'),
    )
    const files = configOf(release)
    const named = (pattern: RegExp): readonly string[] =>
      [...new Set(files.flatMap((file) => [...file.matchAll(pattern)].map(([, name = '']) => name)))].sort()
    const programs = named(/\/var\/lib\/openstack\/bin\/([\w-]+)(?: |"|$)/gm)
    const modules = named(/^module = ([\w.]+):application$/gm)
    expect(programs.filter((name) => !has.programs.includes(name))).toEqual([])
    expect(modules.filter((name) => !has.wsgiModules.includes(name))).toEqual([])
    expect([programs.length, modules.length].every((count) => count > 8)).toBe(true)
  })
})

/** Every file that a container of the whole kit finds: `config.json` with its command, scripts and uWSGI's settings. */
function configOf(release: string): readonly string[] {
  const document = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec: { release } })
  const loaded = loadCloud(document, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const site: Site = { images: {}, virtType: 'qemu', datapath: 'netdev' }
  return render(loaded.cloud, site)
    .rendering.units.flatMap(({ objects }) => objects)
    .filter(({ kind }) => kind === 'ConfigMap')
    .flatMap((object) => Object.values((object['data'] ?? {}) as Readonly<Record<string, string>>))
}
