/** Writes the option lists of our own program, `src/oslo/options/<release>/magnum.json`, from its schema: `node scripts/magnum-options.ts`. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSections } from '../src/clusters/index.ts'

const lists = Object.fromEntries(
  Object.entries(configSections()).map(([section, options]) => [section, options.map(({ name }) => name).sort()]),
)
const directory = join(import.meta.dirname, '../src/oslo/options')
for (const release of readdirSync(directory))
  writeFileSync(join(directory, release, 'magnum.json'), `${JSON.stringify(lists, undefined, 2)}\n`)
