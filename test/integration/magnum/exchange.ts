/** Asks the requests of a scenario at any endpoint, and writes the answers so that two endpoints' can be compared. */
import { X509Certificate } from 'node:crypto'
import { request } from 'node:http'
import { requests } from './requests/signing.ts'
import type { Scenario, Step } from './step.ts'
import type { Person, World } from './world.ts'

/** An endpoint under test: the oracle, or our own. */
export interface Subject {
  /** Ends in `/v1`. */
  readonly url: string
  /** Brings what is in progress to its good end. */
  readonly settle: () => Promise<void> | void
  /** Waits until what a request began has got as far as it gets before {@link settle}. Absent: a request's answer comes after that. */
  readonly rest?: () => Promise<void>
}

export interface Answer {
  readonly status: number
  /** Those that matter, lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface Exchange {
  readonly ask: string
  readonly as: Person
  readonly version: string | null
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly answer: Answer
}

const telling = [
  'content-type',
  'location',
  'allow',
  'www-authenticate',
  'vary',
  'retry-after',
  'openstack-api-version',
  'openstack-api-minimum-version',
  'openstack-api-maximum-version',
  'x-openstack-request-id',
]

export async function play(scenario: Scenario, world: World, subject: Subject): Promise<readonly Exchange[]> {
  const kept = new Map<string, string>(Object.entries(requests).map(([name, pem]) => [`csr:${name}`, pem]))
  const named = [...world.names, ['keystone', world.keystone.authUrl] as const]
  const exchanges: Exchange[] = []
  let isMoving = false
  for (const step of scenario.steps) {
    if (isMoving && !isBeside(step)) {
      await subject.rest?.()
      isMoving = false
    }
    const words = new Map([...named, ...kept])
    const { answer, uuid } = await ask(step, words, world, subject)
    if (step.keep !== undefined && uuid !== undefined) kept.set(step.keep, uuid)
    exchanges.push(written(step, answer, new Map([...named, ...kept]), subject))
    isMoving ||= !step.ask.startsWith('GET ') && answer.status < 300
    if (step.settle === true) await subject.settle()
  }
  await sweep(world, subject)
  return exchanges
}

/** What is made beside the others looks at none of them. */
const isBeside = (step: Step): boolean => step.ask === 'POST /clusters' || step.ask === 'POST /clustertemplates'

const standardVersion = 'container-infra 1.12'

interface Sent {
  readonly answer: Answer
  readonly uuid: string | undefined
}

async function ask(step: Step, words: ReadonlyMap<string, string>, world: World, subject: Subject): Promise<Sent> {
  const [method = '', path = ''] = step.ask.split(/ (.*)/s)
  const version = step.version === undefined ? standardVersion : step.version
  const token = await world.token(step.as ?? 'member')
  const text = step.raw ?? (step.body === undefined ? undefined : JSON.stringify(step.body))
  const base = path.startsWith('//') ? subject.url.replace(/\/v1$/, '') : subject.url
  const answer = await send({
    method,
    url: `${base}${fill(path.replace('//', '/'), words)}`,
    headers: {
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(version === null ? {} : { 'openstack-api-version': version }),
      ...step.headers,
    },
    body: text === undefined ? undefined : fill(text, words, inJson),
  })
  return { answer, uuid: uuidOf(answer.body) }
}

const uuidOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'uuid' in body && typeof body.uuid === 'string' ? body.uuid : undefined

/** A word that nobody knows stays as it is: some requests are about that. */
const fill = (text: string, words: ReadonlyMap<string, string>, write = (word: string) => word): string =>
  text.replaceAll(/\{([a-z][a-z0-9:-]*)\}/g, (whole, word: string) => write(words.get(word) ?? whole))

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1)

interface Message {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** An exception went through the whole of Magnum, and its server hung up; behind Apache it is a 500 without a body. */
const unanswered: Answer = { status: 0, headers: {}, body: '' }

/** By `node:http`, which sends a path as it stands. */
async function send({ method, url, headers, body }: Message): Promise<Answer> {
  const { origin } = new URL(url)
  const { hostname, port } = new URL(origin)
  return await new Promise((resolve, reject) => {
    const call = request(
      { hostname, port, method, path: url.slice(origin.length), headers, agent: false, timeout: 120_000 },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const found = telling.flatMap((name) => {
            const value = response.headers[name]
            return value === undefined ? [] : [[name, String(value)] as const]
          })
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(found), body: parsed(text) })
        })
      },
    )
    call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${url}`)))
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve(unanswered)
      else reject(error)
    })
    call.end(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function written(step: Step, answer: Answer, words: ReadonlyMap<string, string>, subject: Subject): Exchange {
  const clean = cleaner(words, subject)
  const { ask: asked, as = 'member', version = standardVersion, body, raw, headers } = step
  return {
    ask: asked,
    as,
    version,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(raw === undefined ? {} : { raw }),
    answer: inOneOrder(asked, clean(answer) as Answer),
  }
}

/** Sorted by ids, which are random, other objects come first in every run: which of them it is says nothing. */
function inOneOrder(asked: string, answer: Answer): Answer {
  if (!/sort_key=(uuid|project_id)/.test(asked)) return answer
  const { body, ...rest } = JSON.parse(
    JSON.stringify(answer).replaceAll(/\{([ct])-\d\}|"([ct])\d"/g, (found) => found.replace(/\d/, 'n')),
  ) as Answer
  if (typeof body !== 'object' || body === null) return { body, ...rest }
  const sorted = Object.entries(body).map(([key, value]: [string, unknown]) => [
    key,
    Array.isArray(value) ? value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value,
  ])
  return { body: Object.fromEntries(sorted), ...rest }
}

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g

/** What a certificate says, but for its key, serial number and moments. */
function said(pem: string): string {
  const one = new X509Certificate(pem)
  const days = Math.round((one.validToDate.getTime() - one.validFromDate.getTime()) / 86_400_000)
  const early = Math.round((Date.now() - one.validFromDate.getTime()) / 86_400_000)
  const bits = one.publicKey.asymmetricKeyDetails?.modulusLength ?? one.publicKey.asymmetricKeyType
  const parts = {
    subject: one.subject?.replaceAll('\n', ','),
    issuer: one.issuer?.replaceAll('\n', ','),
    days,
    validSinceDays: early,
    key: bits,
    signature: one.signatureAlgorithm,
    ca: one.ca,
    usages: one.keyUsage,
    names: one.subjectAltName,
  }
  return `{certificate ${JSON.stringify(parts)}}`
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----\n?/g, '{pem}'],
  [/req-[0-9a-f-]{36}/g, '{request}'],
  [/\b0x[0-9a-f]{8,}/g, '{address}'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '{uuid}'],
  [/\b[0-9a-f]{32}\b/g, '{id}'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)?/g, '{date}'],
  [/\b[a-z]+-\d+-(cluster|template)\b/g, '{greek}-{n}-$1'],
]

/** Numbers that say when something was asked, not what. */
const counted = new Set(['id', 'report_count'])

/** Ids become the words by which they are known, what differs from run to run becomes its kind; keys are sorted. */
function cleaner(words: ReadonlyMap<string, string>, subject: Subject): (value: unknown) => unknown {
  const known = [...words].filter(([, id]) => id !== '')
  const root = subject.url.replace(/\/v1$/, '')
  const text = (value: string): string => {
    let now = value.replaceAll(root, '{root}')
    for (const [word, id] of known) now = now.replaceAll(id, `{${word}}`)
    now = now.replaceAll(certificate, said)
    for (const [pattern, word] of patterns) now = now.replaceAll(pattern, word)
    return now
  }
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .map(
          ([key, one]) => [text(key), counted.has(key) && typeof one === 'number' ? '{number}' : clean(one)] as const,
        )
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
  return clean
}

/** Removes whatever the scenario left, as the administrator. */
async function sweep(world: World, subject: Subject): Promise<void> {
  const words = world.names
  const rows = async (path: string, name: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const { answer } = await ask({ ask: `GET ${path}`, as: 'admin' }, words, world, subject)
    return (answer.body as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>)[name] ?? []
  }
  const remove = async (path: string): Promise<void> =>
    void (await ask({ ask: `DELETE ${path}`, as: 'admin' }, words, world, subject))
  await subject.settle()
  for (const { uuid } of await rows('/clusters', 'clusters')) await remove(`/clusters/${String(uuid)}`)
  await subject.settle()
  for (const { uuid } of await rows('/clustertemplates', 'clustertemplates'))
    await remove(`/clustertemplates/${String(uuid)}`)
  for (const { project_id, resource } of await rows('/quotas?all_tenants=True', 'quotas'))
    await remove(`/quotas/${String(project_id)}/${String(resource)}`)
}

/** A line for every exchange, so that a difference shows which of them differs. */
export const recording = (exchanges: readonly Exchange[]): string =>
  `[\n${exchanges.map((exchange) => JSON.stringify(exchange)).join(',\n')}\n]\n`
