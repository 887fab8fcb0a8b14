/** `docs`: the reference pages, made from the tables that the program itself works from. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CroqueError, codes } from '../../errors/index.ts'
import { documentReference } from '../../spec/index.ts'
import type { Run } from '../command.ts'
import { commands } from '../commands.ts'
import { commandHelp, overview } from '../help.ts'

const errorPage = (): string =>
  `# Error codes\n\nMade by \`./croque docs\`. Codes are permanent.\n\n| code | class | what | what to do |\n|---|---|---|---|\n${Object.entries(
    codes,
  )
    .map(([code, { class: kind, title, next }]) => `| \`${code}\` | ${kind} | ${title} | ${next} |`)
    .join('\n')}\n`

const commandPage = (): string =>
  `# Commands\n\nMade by \`./croque docs\`.\n\n\`\`\`\n${overview(commands).trimEnd()}\n\`\`\`\n\n${commands
    .map((command) => `## ${command.name}\n\n\`\`\`\n${commandHelp(command).trimEnd()}\n\`\`\`\n`)
    .join('\n')}`

const pages: Readonly<Record<string, () => string>> = {
  'errors.md': errorPage,
  'commands.md': commandPage,
  'document.md': documentReference,
}

export const run: Run = async (context) => {
  const directory = join(context.repoDir, 'docs/reference')
  await mkdir(directory, { recursive: true })
  const stale: string[] = []
  for (const [name, make] of Object.entries(pages)) {
    const path = join(directory, name)
    const text = make()
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue
    stale.push(name)
    if (!context.options.flag('check')) await writeFile(path, text)
  }
  if (context.options.flag('check') && stale.length > 0)
    throw new CroqueError('docs-stale', { what: `docs/reference: ${stale.join(', ')} is not what the tables say` })
  return { summary: stale.length === 0 ? 'The reference pages are up to date' : `Wrote ${stale.join(', ')}` }
}
