/** What is to be said about labels that were sent: those that nothing reads, and values that mean something else than they look like. */
import { nearest } from '../../errors/index.ts'
import { type Coe, type LabelEntry, labelTable } from './label-table.ts'
import type { Labels } from './labels.ts'
import { Refusal } from './refusal.ts'

const truths = new Set(['1', 't', 'true', 'on', 'y', 'yes'])
const untruths = new Set(['0', 'f', 'false', 'off', 'n', 'no'])

/** As OpenStack reads a boolean from text: what is not clearly true is false. */
export function labelIsTrue(value: string): boolean {
  return truths.has(value.trim().toLowerCase())
}

/** One sentence for each label that does not do what its sender may think; in the order of the labels. */
export function labelWarnings(labels: Labels, coe: Coe): readonly string[] {
  return Object.entries(labels).flatMap(([name, value]) => warning(name, value, { labels, coe }) ?? [])
}

interface Around {
  readonly labels: Labels
  readonly coe: Coe
}

function warning(name: string, value: string, { labels, coe }: Around): string | undefined {
  const entry = labelTable.get(name)
  if (entry === undefined) return unknown(name, value)
  const said = `Label ${JSON.stringify(name)} has no effect`
  if (isOff(entry, value)) return undefined
  if (entry.verdict === 'unused') return `${said}: ${entry.says}.`
  if (coe !== 'kubernetes' && entry.swarm !== true) return `${said} on a ${coe} cluster.`
  const { needs } = entry
  if (needs?.every((each) => !isGiven(labels[each])) === true) return `${said} without ${needs.join(' or ')}.`
  return oddValue(name, value, entry)
}

const isOff = ({ off }: LabelEntry, value: string): boolean => off === true && untruths.has(value.trim().toLowerCase())

/** A size of 0 and a switch that is off are as if they were not there. */
const isGiven = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && !untruths.has(value.trim().toLowerCase())

function unknown(name: string, value: string): string {
  const known = [...labelTable].flatMap(([candidate, { verdict }]) => (verdict === 'honoured' ? [candidate] : []))
  const meant = nearest(name, known)
  const said = `Label ${JSON.stringify(name)} is unknown and has no effect`
  return meant === undefined ? `${said}.` : `${said}; did you mean --labels ${meant}=${value}?`
}

function oddValue(name: string, value: string, entry: LabelEntry): string | undefined {
  const word = value.trim().toLowerCase()
  if (entry.value !== 'boolean' || truths.has(word) || untruths.has(word)) return undefined
  return `Label ${JSON.stringify(name)} is ${JSON.stringify(value)} and is taken as false; write true or false.`
}

/** What of a template an upgrade does not do: it takes over versions, and what was installed stays. */
export function stayingWarnings(labels: Labels, template: Labels): readonly string[] {
  return Object.entries(template).flatMap(([name, value]) => {
    const { installs } = labelTable.get(name) ?? {}
    const is = labels[name]
    if (installs === undefined || labelIsTrue(is ?? '') === labelIsTrue(value)) return []
    const stays = labelIsTrue(is ?? '')
      ? `${installs} stays where it is installed; to take it away delete its objects with kubectl`
      : `an upgrade does not install ${installs}; make a cluster with it`
    return [`Label ${JSON.stringify(name)} is ${JSON.stringify(value)} in the template and has no effect: ${stays}.`]
  })
}

/** What labels must not be: refused ones, and numbers that are none. @throws Refusal */
export function checkLabels(labels: Labels): void {
  for (const [name, value] of Object.entries(labels)) {
    const entry = labelTable.get(name)
    if (entry?.verdict === 'refused') throw new Refusal(400, `Label ${name} is not served: ${entry.says}.`)
    if (entry?.verdict !== 'honoured' || entry.value !== 'whole' || /^\s*\d{1,9}\s*$/.test(value)) continue
    throw new Refusal(400, `Label ${name} is ${JSON.stringify(value)}; a whole number from 0 is expected.`)
  }
}

/** A label that is a whole number; `fallback` without it. Checked before by {@link checkLabels}. */
export function labelNumber(labels: Labels, name: string, fallback: number): number {
  const value = labels[name]
  return value === undefined ? fallback : Number(value)
}
