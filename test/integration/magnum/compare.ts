/** Two endpoints' answers to the same requests, side by side; what differs is either allowed, with a reason, or a defect. */
import { isDeepStrictEqual } from 'node:util'
import type { Answer, Exchange } from './exchange.ts'
import type { Person } from './world.ts'

/** Where we answer otherwise than Magnum, on purpose. */
export interface Departure {
  /** What a reader of the reference page sees. */
  readonly title: string
  /** Which requests: the asked line, `POST /clusters`. */
  readonly ask: RegExp
  /** Who asked; anybody when absent. */
  readonly as?: readonly Person[]
  /** Of the microversion's header, and of the body as JSON; any when absent. */
  readonly version?: RegExp
  readonly body?: RegExp
  /** Further conditions on what Magnum answered. */
  readonly magnum: { readonly status?: number; readonly text?: RegExp }
  /** What our answer has to be like. */
  readonly croque: { readonly status: readonly number[]; readonly text?: RegExp }
  /** The only places that may differ by it; others may by other departures. Absent: the answer is another altogether. */
  readonly at?: RegExp
  /** What may stand at such a place. */
  readonly values?: (magnum: unknown, croque: unknown) => boolean
  /** Once it was met: where later answers of the scenario show that one of the two did something that the other did not. */
  readonly later?: Later
  readonly reason: string
}

export interface Later {
  readonly ask: RegExp
  readonly at: RegExp
  readonly values?: (magnum: unknown, croque: unknown) => boolean
}

export interface Difference {
  readonly exchange: Exchange
  /** What of the answer: `status`, `headers.location`, `body.errors.0.detail`. */
  readonly at: string
  readonly magnum: unknown
  readonly croque: unknown
}

export interface Comparison {
  readonly same: number
  /** Titles of departures that were met, with where. */
  readonly departed: ReadonlyMap<string, readonly Exchange[]>
  readonly differences: readonly Difference[]
}

/**
 * All are of the same scenario. `theirs` are the answers of one Magnum or of several: like one of them is enough, departures and all, and
 * what differs is told of the first.
 */
export function compare(
  theirs: readonly (readonly Exchange[])[],
  ours: readonly Exchange[],
  departures: readonly Departure[],
): Comparison {
  const [first = []] = theirs
  for (const one of theirs)
    if (one.length !== ours.length) throw new Error(`${one.length} exchanges against ${ours.length}: record anew`)
  let same = 0
  const departed = new Map<string, readonly Exchange[]>()
  const differences: Difference[] = []
  for (const index of first.keys()) {
    const answer = ours[index]?.answer
    const asked = theirs.flatMap((one) => one[index] ?? [])
    if (answer === undefined) continue
    if (asked.some((exchange) => isDeepStrictEqual(exchange.answer, answer))) {
      same += 1
      continue
    }
    const met = departures.filter(({ title }) => departed.has(title))
    const judged = asked.map((exchange) => allowed(departures, met, exchange, answer))
    const best = judged.find(({ left }) => left.length === 0) ?? judged[0]
    if (best === undefined) continue
    differences.push(...best.left)
    if (best.left.length === 0)
      for (const title of best.titles) departed.set(title, [...(departed.get(title) ?? []), best.exchange])
  }
  return { same, departed, differences }
}

interface Judged {
  readonly exchange: Exchange
  readonly titles: Iterable<string>
  readonly left: readonly Difference[]
}

/** What differs by departures of single places, or else by one of the whole answer. `met`: those that came before in the scenario. */
function allowed(
  departures: readonly Departure[],
  met: readonly Departure[],
  exchange: Exchange,
  answer: Answer,
): Judged {
  const fitting = departures.filter((one) => allows(one, exchange, answer))
  const followed = met.flatMap(({ title, later }) => (later?.ask.test(exchange.ask) ? [{ title, ...later }] : []))
  const titles = new Set<string>()
  const left = unlike('', exchange.answer, answer, exchange).filter(({ at, magnum, croque }) => {
    const found = [...fitting, ...followed].find(
      (one) => one.at?.test(at) === true && (one.values?.(magnum, croque) ?? true),
    )
    if (found !== undefined) titles.add(found.title)
    return found === undefined
  })
  const whole = fitting.find((one) => one.at === undefined)
  return left.length > 0 && whole !== undefined
    ? { exchange, titles: [whole.title], left: [] }
    : { exchange, titles, left }
}

function allows(departure: Departure, exchange: Exchange, ours: Answer): boolean {
  const { magnum, croque } = departure
  const { answer } = exchange
  return (
    isAbout(departure, exchange) &&
    (magnum.status === undefined || magnum.status === answer.status) &&
    (magnum.text?.test(JSON.stringify(answer.body)) ?? true) &&
    croque.status.includes(ours.status) &&
    (croque.text?.test(JSON.stringify(ours.body)) ?? true)
  )
}

const isAbout = ({ ask, as, version, body }: Departure, exchange: Exchange): boolean =>
  ask.test(exchange.ask) &&
  (as?.includes(exchange.as) ?? true) &&
  (version?.test(exchange.version ?? '') ?? true) &&
  (body?.test(exchange.raw ?? JSON.stringify(exchange.body) ?? '') ?? true)

/** The smallest places in which two values differ. */
function unlike(at: string, theirs: unknown, ours: unknown, exchange: Exchange): readonly Difference[] {
  if (isDeepStrictEqual(theirs, ours)) return []
  const below = (key: string): string => (at === '' ? key : `${at}.${key}`)
  if (isObject(theirs) && isObject(ours) && Array.isArray(theirs) === Array.isArray(ours)) {
    const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)])
    return [...keys].flatMap((key) => unlike(below(key), theirs[key], ours[key], exchange))
  }
  return [{ exchange, at, magnum: theirs, croque: ours }]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A line for people: who asked what, and what came from whom. */
export const line = ({ exchange, at, magnum, croque }: Difference): string =>
  `${exchange.as}: ${exchange.ask} ${JSON.stringify(exchange.body ?? exchange.raw ?? '')} [${exchange.version ?? 'no version'}]: ${at} is ${JSON.stringify(magnum)} there, ${JSON.stringify(croque)} here`
