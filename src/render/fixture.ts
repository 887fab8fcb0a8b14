/** What the tests of renderings share. */
import { type Unit, yamlDocument } from './index.ts'

/** All of a rendering as text, for a golden file. */
export const wholeText = (units: readonly Unit[]): string =>
  units
    .map((unit) => `# ${unit.id} after ${unit.needs.join(', ')}\n${unit.objects.map(yamlDocument).join('')}`)
    .join('')

/** Lines that one rendering lacks or has beside another, unit by unit. Hashes of what differs differ too, and tell nothing more. */
export function difference(before: readonly Unit[], after: readonly Unit[]): string {
  const linesOf = ({ objects }: Unit): readonly string[] =>
    objects.flatMap((one) =>
      yamlDocument(one)
        .replaceAll(/(-|config-hash: )"?[0-9a-f]{10}\b"?/g, '$1HASH')
        .split('\n'),
    )
  const left = new Map(before.map((unit) => [unit.id, linesOf(unit)]))
  const text = after.flatMap((unit) => {
    const was = left.get(unit.id) ?? []
    const is = linesOf(unit)
    left.delete(unit.id)
    const changed = [
      ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
      ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
    ]
    return changed.length === 0 ? [] : [`# ${unit.id}`, ...changed]
  })
  return `${[...text, ...[...left.keys()].map((id) => `# without ${id}`)].join('\n')}\n`
}
