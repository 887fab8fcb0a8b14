/**
 * What of this checkout goes into an image: the sources that a program loads, run as they are, and the packages. The packages are
 * those that the launcher installed from the lock file; no registry is asked a second time.
 */
import { readFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { CroqueError } from '../errors/index.ts'

/**
 * What a file loads when it runs, as it says it: types are gone by then. Our own formatting is known: a statement begins its line, and
 * names are in single quotes.
 */
const loads = /^(?:import|export)(?! type\b)[^;'"`]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

/** Modules that a file of ours loads: relative paths, packages, and those of Node itself. */
export const loadedBy = (source: string): readonly string[] =>
  [...source.matchAll(loads)].map(([, ...groups]) => groups.find((group) => group !== undefined) ?? '')

/** The given files and every file that they load, directly or not; sorted paths from the checkout. */
export function programFiles(repoDir: string, entries: readonly string[]): readonly string[] {
  const found = new Set(entries)
  // A set is walked in the order in which it grows.
  for (const path of found) {
    if (!path.endsWith('.ts')) continue
    for (const target of loadedBy(readFileSync(join(repoDir, path), 'utf8')))
      if (target.startsWith('.')) found.add(normalize(join(dirname(path), target)))
  }
  return [...found].sort()
}

/** A package of the lock file: where it lies, and which one it is. */
export interface LockedPackage {
  /** `node_modules/ajv/node_modules/fast-uri`. */
  readonly path: string
  readonly version: string
  readonly integrity: string
}

interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly optional?: boolean
}

/** The packages of the lock file without which the program does not run; none that only tests and checks need. */
export function runtimePackages(repoDir: string): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(repoDir, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>
  }
  return Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== '' && dev !== true && optional !== true)
    .map(([path, { version = '', integrity = '' }]) => ({ path, version, integrity }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Types, source maps and pages for readers; licences stay. */
const isForReaders = (name: string): boolean =>
  /\.d\.[cm]?ts$|\.map$|\.(md|markdown)$/i.test(name) && !/^(licen[cs]e|notice|copying)/i.test(name)

/** Puts the files, what they load, and the packages into `target`. Throws `dependencies-stale` when what is installed is not what the lock file says. */
export async function copyProgram(repoDir: string, entries: readonly string[], target: string): Promise<void> {
  for (const path of programFiles(repoDir, entries)) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await cp(join(repoDir, path), join(target, path))
  }
  for (const { path, version } of runtimePackages(repoDir)) {
    const from = join(repoDir, path)
    const found = installedVersion(from)
    if (found !== version)
      throw new CroqueError('dependencies-stale', {
        what: `${path} is ${found ?? 'not there'}, and package-lock.json has ${version}`,
      })
    const own = (file: string): boolean => {
      const inside = file.slice(from.length + 1)
      return !inside.split('/').includes('node_modules') && !isForReaders(inside.slice(inside.lastIndexOf('/') + 1))
    }
    await cp(from, join(target, path), { recursive: true, filter: own })
  }
}

function installedVersion(directory: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version?: string }).version
  } catch {
    return undefined
  }
}
