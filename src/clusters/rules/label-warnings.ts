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
  return Object.entries(labels).flatMap(([name, value]) => warning(name, value, coe) ?? [])
}

function warning(name: string, value: string, coe: Coe): string | undefined {
  const entry = labelTable.get(name)
  if (entry === undefined) return unknown(name, value, coe)
  const said = `Label ${JSON.stringify(name)} has no effect`
  if (entry.reason !== undefined) return `${said}: ${entry.reason}.`
  if (!entry.coes.includes(coe)) return `${said} on a ${coe} cluster.`
  return oddValue(name, value, entry)
}

function unknown(name: string, value: string, coe: Coe): string {
  const known = [...labelTable].flatMap(([candidate, { coes }]) => (coes.includes(coe) ? [candidate] : []))
  const meant = nearest(name, known)
  const said = `Label ${JSON.stringify(name)} is unknown and has no effect`
  return meant === undefined ? `${said}.` : `${said}; did you mean --labels ${meant}=${value}?`
}

function oddValue(name: string, value: string, entry: LabelEntry): string | undefined {
  const word = value.trim().toLowerCase()
  if (entry.value !== 'boolean' || truths.has(word) || untruths.has(word)) return undefined
  return `Label ${JSON.stringify(name)} is ${JSON.stringify(value)} and is taken as false; write true or false.`
}

/** Numbers that are read when a cluster is made have to be numbers. @throws Refusal */
export function checkLabelNumbers(labels: Labels): void {
  for (const [name, value] of Object.entries(labels)) {
    if (labelTable.get(name)?.value !== 'whole' || /^\s*\d{1,9}\s*$/.test(value)) continue
    throw new Refusal(400, `Label ${name} is ${JSON.stringify(value)}; a whole number from 0 is expected.`)
  }
}

/** A label that is a whole number; `fallback` without it. Checked before by {@link checkLabelNumbers}. */
export function labelNumber(labels: Labels, name: string, fallback: number): number {
  const value = labels[name]
  return value === undefined ? fallback : Number(value)
}
