/**
 * Our own API against what was recorded of the Magnums: any endpoint can be put here that is behind a Keystone of `openWorld` and finds
 * images, flavors and networks at its fakes. Needs no Magnum.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Comparison, compare } from './compare.ts'
import { departures } from './departures.ts'
import { type Exchange, play, type Subject } from './exchange.ts'
import type { MagnumVersion } from './magnum.ts'
import type { Scenario } from './step.ts'
import type { World } from './world.ts'

export async function compareWithRecorded(scenario: Scenario, world: World, subject: Subject): Promise<Comparison> {
  const versions: readonly MagnumVersion[] = scenario.since === '23' ? ['23'] : ['22', '23']
  const theirs = await Promise.all(versions.map((version) => recorded(version, scenario)))
  return compare(theirs, comparable(await play(scenario, world, subject)), departures)
}

/** Without what is of one run, one machine or one release only: how a conductor is called and how often it reported, which version is the latest. */
const comparable = (exchanges: readonly Exchange[]): readonly Exchange[] =>
  JSON.parse(
    JSON.stringify(exchanges)
      .replaceAll(/"host":"(oracle|ours-[0-9a-f]{8})"/g, '"host":"{host}"')
      .replaceAll(/"report_count":\d+/g, '"report_count":"{number}"')
      .replaceAll(/("next":"[^"]*marker=)\d+(?=")/g, '$1{number}'),
  ) as readonly Exchange[]

/** What a Magnum answered; as if it had the newest microversion, where it says which that is. */
export async function recorded(version: MagnumVersion, { name }: Scenario): Promise<readonly Exchange[]> {
  const text = await readFile(join(import.meta.dirname, 'recorded', version, `${name}.json`), 'utf8')
  const exchanges = JSON.parse(
    text
      .replaceAll(/("openstack-api-maximum-version":"[a-z-]+ )1\.\d+"/g, '$11.14"')
      .replaceAll(/("max_version":)"1\.12"/g, '$1"1.14"'),
  ) as readonly Exchange[]
  return comparable(exchanges.map(asLatest))
}

const asLatest = (exchange: Exchange): Exchange => {
  const { version, answer } = exchange
  const said = answer.headers['openstack-api-version']
  if (!/ latest$/i.test(version ?? '') || said === undefined) return exchange
  const headers = { ...answer.headers, 'openstack-api-version': said.replace(/ 1\.12$/, ' 1.14') }
  return { ...exchange, answer: { ...answer, headers } }
}
