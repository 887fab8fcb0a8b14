/** Schemathesis asks what our OpenAPI document allows, and what it does not: no answer is a fault of ours or another one than the document says. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePython, pythonOptions } from '../openstack/python.ts'
import { openStage, type Place, type Stage } from './stage.ts'

const seed = process.env['CROQUE_TEST_SEED'] ?? '20261128'
const lockFile = join(import.meta.dirname, 'python/schemathesis.lock')
/** Not among them: what a document cannot say of requests that are refused for what is in the cloud. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'ignored_auth',
]
const versions = ['container-infra 1.1', 'container-infra latest']

/** What is there: names that no chance would find, so that requests get past the first look. */
const names: Readonly<Record<string, readonly string[]>> = {
  cluster_template_id: ['small'],
  cluster_template: ['small'],
  baymodel_id: ['small'],
  cluster_uuid: ['one', 'two'],
  image_id: ['coreos', 'plain'],
  flavor_id: ['m1.small', 'm1.medium'],
  master_flavor_id: ['m1.small'],
  keypair: ['key'],
  keypair_id: ['key'],
  fixed_network: ['private'],
  external_network_id: ['public'],
}
const places: Readonly<Record<string, readonly string[]>> = {
  cluster: ['one', 'two'],
  bay: ['one', 'two'],
  nodegroup: ['default-worker', 'default-master'],
  template: ['small', 'other'],
  baymodel: ['small', 'other'],
  resource: ['Cluster'],
}

let dir: string
let stage: Stage | undefined
let place: Place

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-schemathesis-'))
  stage = await openStage(dir)
  place = await stage.place({ quotas: { max_clusters_per_project: -1 } })
  await place.start()
  for (const name of ['small', 'other'])
    await made('clustertemplates', {
      name,
      coe: 'kubernetes',
      image_id: 'coreos',
      flavor_id: 'm1.small',
      master_flavor_id: 'm1.small',
    })
  for (const name of ['one', 'two', 'doomed']) await made('clusters', { name, cluster_template_id: 'small' })
})

afterAll(async () => {
  await stage?.close()
  await rm(dir, { recursive: true, force: true })
})

async function made(collection: string, body: object): Promise<void> {
  const token = (await stage?.world.token('admin')) ?? ''
  const headers = {
    'x-auth-token': token,
    'content-type': 'application/json',
    'openstack-api-version': 'container-infra latest',
  }
  const answer = await fetch(`${place.url}/v1/${collection}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
}

/** The document with what is there in it; what is deleted has names of its own. */
function furnished(document: unknown): unknown {
  const { paths, ...rest } = document as { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> }
  const filled = Object.entries(paths).map(([path, { parameters, ...operations }]) => {
    const own = Object.entries(operations).map(([method, operation]) => {
      const all = [
        ...(parameters as readonly Parameter[]),
        ...(operation as { parameters: readonly Parameter[] }).parameters,
      ]
      return [
        method,
        { ...(withNames(operation) as object), parameters: all.map((one) => placed(one, method === 'delete')) },
      ]
    })
    return [path, Object.fromEntries(own)]
  })
  return { ...rest, paths: Object.fromEntries(filled) }
}

interface Parameter {
  readonly name: string
  readonly in: string
}

function placed(parameter: Parameter, isDelete: boolean): Parameter {
  const known = parameter.in === 'path' ? places[parameter.name] : undefined
  return known === undefined ? parameter : { ...parameter, ...{ schema: { enum: isDelete ? ['doomed'] : known } } }
}

/** In every schema, however deep. */
function withNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withNames)
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const known = names[key]
      if (key === 'responses') return [key, item]
      if (known !== undefined) return [key, { enum: known }]
      return [key, /^(node|master)_count$/.test(key) ? { type: 'integer', minimum: 1, maximum: 3 } : withNames(item)]
    }),
  )
}

test.each(versions)(
  `no answer is a fault, or none of the document: %s, seed ${seed}`,
  async (version) => {
    const venv = await ensurePython(lockFile, pythonOptions())
    const token = await stage?.world.token('admin')
    const document = join(dir, 'openapi.json')
    const served: unknown = await (await fetch(`${place.operatorUrl}/openapi.json`)).json()
    await writeFile(document, JSON.stringify(furnished(served)))
    const { code, output } = await run(join(venv, 'bin/schemathesis'), [
      ...['--no-color', 'run', document, `--url=${place.url}`, `--checks=${checks.join(',')}`, `--seed=${seed}`],
      ...['--header', `X-Auth-Token: ${token}`, '--header', `OpenStack-API-Version: ${version}`],
      // Bounded by their number, not by time: a slow machine asks as much as a fast one.
      ...[
        '--phases=coverage,fuzzing',
        '--max-examples=5',
        '--no-shrink',
        '--continue-on-failure',
        '--request-timeout=120',
      ],
      ...['--generation-database=none', '--warnings=off'],
    ])
    expect(code, output).toBe(0)
    // Every operation of the document.
    expect(output).toMatch(/Selected: (\d+)\/\1\s+Tested: \1\b/)
    expect(place.faults()).toEqual([])
    const successes = await countOf(/^croque_api_requests_total\{.*status="20\d"\} (\d+)$/gm)
    expect(successes).toBeGreaterThan(20)
  },
  600_000,
)

async function countOf(line: RegExp): Promise<number> {
  const text = await (await fetch(`${place.operatorUrl}/metrics`)).text()
  return [...text.matchAll(line)].reduce((sum, [, count]) => sum + Number(count), 0)
}

async function run(program: string, args: readonly string[]) {
  const child = spawn(program, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const code = await new Promise<number | null>((done) => child.on('exit', done))
  return { code, output }
}
