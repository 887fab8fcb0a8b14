/** `docs`: the reference pages, made from the tables that the program itself works from. */
import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { configSections, labelTable, optionTable } from '../../clusters/index.ts'
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

/** The types that the program itself is checked against are the contract. */
const outputPage = (repoDir: string): string =>
  `# Output for programs

Made by \`./croque docs\`.

With \`--output json\` every command writes one JSON object a line to stdout. Each has a \`type\` and, but for the last one, a \`time\` (RFC 3339). The last line of any command is its result, also after an error:

\`\`\`
{"type":"result","ok":true,"changes":{"created":0,"configured":0,"replaced":0,"deleted":0,"unchanged":162},"seconds":2.2,"summary":"…","next":["./croque status"]}
\`\`\`

\`plan\` writes a \`change\` with \`"planned": true\` for everything that is not unchanged, in the order in which \`up\` would do it. Exit codes: 0 nothing to do or done, 1 an error (an \`error\` line has its permanent code), 2 \`plan\` found changes, 130 interrupted.

Fields and types may be added; those below keep their names and meanings. \`run-finished\` appears as \`result\`; \`at\` as \`time\`.

\`\`\`ts
${readFileSync(join(repoDir, 'src/engine/events.ts'), 'utf8').trimEnd()}
\`\`\`
`

const configPage = (): string => {
  const sections = Object.entries(configSections()).map(([section, options]) => {
    const rows = options.map(({ name, description, default: value = '' }) => {
      const shown = value === '' ? '' : `\`${value}\``
      return `| \`${name}\` | ${shown} | ${description.replaceAll('|', String.raw`\|`)} |`
    })
    return `## ${section}\n\n| option | default | what |\n|---|---|---|\n${rows.join('\n')}\n`
  })
  return `# Configuration of the clusters API

Made by \`./croque docs\`. A YAML (or JSON) file with sections of options; of a cloud it is \`spec.services.magnum.config: {magnum.yaml: {<section>: {<option>: …}}}\`, over what the catalog says. An option also comes by the environment, as \`OS_<SECTION>__<OPTION>\`, which is stronger than the file.

${sections.join('\n')}`
}

const labelsPage = (): string => {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)
  const rows = [...labelTable].map(([name, { verdict, says, value = 'text', needs = [], example, swarm }]) => {
    const shown = example === undefined ? '' : `\`${example}\``
    const about = needs.length === 0 ? says : `${says}; with ${needs.join(' or ')}`
    return `| \`${name}\` | ${verdict} | ${value} | ${cell(shown)} | ${swarm === true ? 'too' : ''} | ${cell(about)} |`
  })
  const options = optionTable.map(({ name, where, verdict, says }) => {
    const shown = where === undefined ? name : `${name} (${where})`
    return `| ${shown} | ${verdict} | ${cell(says)} |`
  })
  return `# Labels and options of clusters

Made by \`./croque docs\`. What Magnum's labels and options do for clusters by the driver \`heat\`. *honoured*: it changes what is made, as \`src/clusters/drivers/heat/labels.test.ts\` tries with each. *unused*: it is accepted, and \`status_reason\` of the cluster says that it has no effect. *refused*: 400 says why. A label that is not here is unused. In a cluster of \`swarm-mode\` those have an effect that say so.

## Options

| option | | what |
|---|---|---|
${options.join('\n')}

## Labels

| label | | value | example | swarm-mode | what |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

const pages: Readonly<Record<string, (repoDir: string) => string>> = {
  'errors.md': errorPage,
  'magnum-config.md': configPage,
  'labels.md': labelsPage,
  'commands.md': commandPage,
  'document.md': documentReference,
  'output.md': outputPage,
}

export const run: Run = async (context) => {
  const directory = join(context.repoDir, 'docs/reference')
  await mkdir(directory, { recursive: true })
  const stale: string[] = []
  for (const [name, make] of Object.entries(pages)) {
    const path = join(directory, name)
    const text = make(context.repoDir)
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue
    stale.push(name)
    if (!context.options.flag('check')) await writeFile(path, text)
  }
  if (context.options.flag('check') && stale.length > 0)
    throw new CroqueError('docs-stale', { what: `docs/reference: ${stale.join(', ')} is not what the tables say` })
  return { summary: stale.length === 0 ? 'The reference pages are up to date' : `Wrote ${stale.join(', ')}` }
}
