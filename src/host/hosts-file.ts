/** Our marked lines in the machine's hosts file. */
import { readFile, writeFile } from 'node:fs/promises'

/** The text of a hosts file in which exactly these names carry this owner's mark; all other lines stay as they are. */
export function withHostNames(text: string, owner: string, names: readonly string[]): string {
  const mark = `# croque ${owner}`
  const kept = text.split('\n').filter((line) => !line.endsWith(mark))
  if (names.length === 0) return kept.join('\n')
  const body = kept.join('\n')
  const separator = body === '' || body.endsWith('\n') ? '' : '\n'
  return `${body}${separator}127.0.0.1 ${names.join(' ')} ${mark}\n`
}

/** Makes the hosts file say that, writing only when something changes. In place, for the file may be a bind mount. */
export async function setHostNames(path: string, owner: string, names: readonly string[]): Promise<void> {
  const before = await readFile(path, 'utf8')
  const after = withHostNames(before, owner, names)
  if (after !== before) await writeFile(path, after)
}
