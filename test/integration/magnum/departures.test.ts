import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Departure } from './compare.ts'
import { departures } from './departures.ts'
import { scenarios } from './requests/index.ts'
import { unseen } from './unseen.ts'

function section({ title, ask, as, version, body, magnum, croque, at, later, reason }: Departure): string {
  const facts = [
    `Requests: \`${ask.source}\``,
    ...(as === undefined ? [] : [`of: ${as.join(', ')}`]),
    ...(version === undefined ? [] : [`version: \`${version.source}\``]),
    ...(body === undefined ? [] : [`body: \`${body.source}\``]),
    `Magnum: ${magnum.status === 0 ? 'no answer' : (magnum.status ?? 'the same status, or another')}`,
    `Croque: ${croque.status.join(', ')}`,
    ...(at === undefined ? [] : [`places: \`${at.source}\``]),
    ...(later === undefined ? [] : [`and later \`${later.at.source}\` of \`${later.ask.source}\``]),
  ]
  return `### ${title}\n\n${reason}\n\n${facts.join('; ')}.\n`
}

/** The reference page. */
function page(): string {
  const asked = scenarios.reduce((sum, { steps }) => sum + steps.length, 0)
  const rows = unseen.map(({ request, magnum, croque, reason }) => `| ${request} | ${magnum} | ${croque} | ${reason} |`)
  return `# Where the clusters API departs from Magnum

Magnum 22 and 23 answer 500, drop a wish silently, show what is not the caller's, or let in what cannot work; here the answer is another. Everything else is the same.

Made of \`departures.ts\` and \`unseen.ts\` in \`test/integration/magnum\`.

## What a comparison shows

${asked} requests were asked of running Magnums 22.0.0 and 23; \`ours.test.ts\` asks them here. An answer is like one of theirs, or differs by one of these, and each of these is met.

${departures.map(section).join('\n')}
## What no single answer shows

| request | Magnum | here | why |
|---|---|---|---|
${rows.join('\n')}
`
}

test('the reference page is as the lists', async () => {
  await expect(page()).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/reference/magnum-departures.md'))
})

test('titles and reasons are whole', () => {
  expect(new Set(departures.map(({ title }) => title)).size).toBe(departures.length)
  expect([...departures, ...unseen].filter(({ reason }) => !reason.endsWith('.'))).toEqual([])
})
