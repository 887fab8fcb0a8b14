/** Bills of materials (SPDX 2.3): what is in an image, read from the trees of its layers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from './hash.ts'
import { sourceDateEpoch } from './recipes.ts'

export interface Component {
  /** Type of the package URL. */
  readonly type: 'deb' | 'npm' | 'pypi'
  readonly name: string
  readonly version: string
}

/** Packages in the tree of one layer: Debian's (its list names those of the layers below as well), Python's, static web files', and Node's. */
export function componentsOf(tree: string): readonly Component[] {
  return [
    ...debianPackages(join(tree, 'var/lib/dpkg/status')),
    ...pythonPackages(tree),
    ...webPackages(join(tree, 'usr/share')),
    ...nodePackages(join(tree, 'usr/lib/croque/node_modules')),
  ]
}

/** The document as text: the same for the same image. `components` may name a package more than once; the last one counts. */
export function spdxDocument(
  image: { readonly reference: string; readonly digest: string },
  components: readonly Component[],
): string {
  const unique = new Map(components.map((component) => [identity(component), component]))
  const packages = [...unique.values()].map(spdxPackage).toSorted((a, b) => (a.SPDXID < b.SPDXID ? -1 : 1))
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: image.reference,
    documentNamespace: `https://croque.dev/sbom/${image.digest.replace(':', '-')}`,
    creationInfo: {
      created: new Date(sourceDateEpoch * 1000).toISOString().replace('.000', ''),
      creators: ['Tool: croque'],
    },
    packages,
    relationships: packages.map(({ SPDXID }) => ({
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: SPDXID,
    })),
  }
  return `${JSON.stringify(document, null, 1)}\n`
}

/** Node's packages lie side by side in several versions. */
const identity = ({ type, name, version }: Component): string => `${type}/${name}${type === 'npm' ? `@${version}` : ''}`

function spdxPackage(component: Component) {
  const { type, name, version } = component
  const place = type === 'deb' ? 'deb/debian' : type
  return {
    SPDXID: `SPDXRef-${type}-${name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${sha256(type === 'npm' ? identity(component) : name).slice(0, 6)}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    licenseConcluded: 'NOASSERTION',
    filesAnalyzed: false,
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:${place}/${encodeURIComponent(name)}@${encodeURIComponent(version)}`,
      },
    ],
  }
}

function debianPackages(status: string): readonly Component[] {
  if (!existsSync(status)) return []
  return readFileSync(status, 'utf8')
    .split('\n\n')
    .filter((entry) => entry.includes('\nStatus: install ok installed\n'))
    .flatMap((entry) => named('deb', entry, 'Package'))
}

function pythonPackages(tree: string): readonly Component[] {
  const lib = join(tree, 'var/lib/openstack/lib')
  const site = (existsSync(lib) ? readdirSync(lib) : []).map((python) => join(lib, python, 'site-packages'))
  // Node itself comes as a wheel.
  const wheels = join(tree, 'usr/lib/nodejs')
  return [...site, ...(existsSync(wheels) ? [wheels] : [])].flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.dist-info'))
      .flatMap((name) => named('pypi', readFileSync(join(directory, name, 'METADATA'), 'utf8'), 'Name')),
  )
}

function webPackages(share: string): readonly Component[] {
  return (existsSync(share) ? readdirSync(share) : [])
    .map((name) => join(share, name, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string })
    .map(({ name, version }) => ({ type: 'npm', name, version }))
}

/** Packages may have packages of their own below them. */
function nodePackages(directory: string): readonly Component[] {
  const names = existsSync(directory) ? readdirSync(directory) : []
  return names.flatMap((name) => {
    const path = join(directory, name)
    if (name.startsWith('@')) return nodePackages(path)
    const { name: full, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<
      'name' | 'version',
      string
    >
    return [{ type: 'npm', name: full, version } as const, ...nodePackages(join(path, 'node_modules'))]
  })
}

/** Name and version of a stanza of `Field: value` lines. */
function named(type: Component['type'], text: string, nameField: string): readonly Component[] {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
  const name = field(nameField)
  const version = field('Version')
  return name === undefined || version === undefined ? [] : [{ type, name, version }]
}
