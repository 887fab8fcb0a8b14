/** Notifications of clusters on a real RabbitMQ, read by oslo.messaging, which declares exchange and queues as every service of a cloud does. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig, makeDefinitions, type Said, type Served, serve } from '../../src/clusters/serve/index.ts'
import { type FakeOpenStack, startFakeOpenStack } from '../fakes/openstack/index.ts'
import { openTestCluster, type TestCluster } from './cluster.ts'
import { ensurePython, pythonOptions } from './openstack/python.ts'
import { type RabbitMq, startRabbitMq } from './rabbitmq.ts'

const namespace = 'bus'
let cluster: TestCluster
let cloud: FakeOpenStack
let rabbit: RabbitMq

beforeAll(async () => {
  ;[cluster, cloud, rabbit] = await Promise.all([openTestCluster(), startFakeOpenStack(), startRabbitMq()])
  await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await makeDefinitions(cluster.kube, new AbortController().signal)
}, 1_500_000)

afterAll(async () => {
  await rabbit?.stop()
  await cloud?.close()
  await cluster?.close()
})

interface Heard {
  readonly priority: string
  readonly context: Readonly<Record<string, unknown>>
  readonly publisher_id: string
  readonly event_type: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly metadata: { readonly message_id: string; readonly timestamp: string }
}

const said: Said[] = []

async function serving(): Promise<Served> {
  const { host, user: username, password, vhost } = rabbit
  const config = {
    api: { port: 0, shutdown_seconds: 5 },
    metrics: { port: 0 },
    keystone_authtoken: { auth_url: cloud.authUrl, password: cloud.password, interface: 'public' },
    kubernetes: { namespace },
    drivers: { enabled: ['null'], imaginary: true },
    notifications: { driver: 'messagingv2', hosts: [host], username, password, vhost },
  }
  const served = await serve({
    config: loadConfig(stringify(config), {}),
    endpoint: cluster.server.access,
    name: 'replica',
    log: (line) => void said.push(line),
  })
  await served.ready
  return served
}

/** The programs of Magnum have oslo.messaging among them. */
async function startConsumer(heard: (one: Heard) => void): Promise<ChildProcess> {
  const venv = await ensurePython(join(import.meta.dirname, 'magnum/python/magnum-22.lock'), pythonOptions())
  const { host, user, password, vhost } = rabbit
  const program = join(import.meta.dirname, 'openstack/python/notifications.py')
  const url = `rabbit://${user}:${password}@${host}/${vhost}`
  const child = spawn(join(venv, 'bin/python'), [program, url, 'magnum'], { stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (line) => heard(JSON.parse(line) as Heard))
  return child
}

function furnish(): string {
  const id = randomUUID()
  cloud.state.images.set(id, { id, name: 'debian', status: 'active', os_hidden: false, os_distro: 'debian' })
  const flavor = { vcpus: 2, ram: 4096, disk: 20, 'os-flavor-access:is_public': true }
  cloud.state.flavors.set('2', { id: '2', name: 'm1.medium', ...flavor })
  return id
}

async function post(served: Served, path: string, body: object): Promise<string> {
  const headers = { 'x-auth-token': cloud.issue(), 'content-type': 'application/json' }
  const response = await fetch(`${served.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  expect(response.ok, text).toBe(true)
  return (JSON.parse(text) as { readonly uuid: string }).uuid
}

test('what a create tells is kept for oslo.messaging, and read by it', async () => {
  const served = await serving()
  const heard: Heard[] = []
  let consumer: ChildProcess | undefined
  try {
    const flavors = { flavor_id: 'm1.medium', master_flavor_id: 'm1.medium' }
    await post(served, '/v1/clustertemplates', { name: 'small', coe: 'kubernetes', image_id: furnish(), ...flavors })
    const uuid = await post(served, '/v1/clusters', { name: 'one', cluster_template_id: 'small' })
    // Comes when everything may have been said already.
    consumer = await startConsumer((one) => heard.push(one))
    // In any order: the consumer reads with many threads.
    await expect
      .poll(() => heard.map(({ payload }) => payload['outcome']).toSorted(), { timeout: 240_000 })
      .toEqual(['pending', 'success'])
    for (const { priority, event_type, publisher_id, metadata, payload } of heard) {
      expect([priority, event_type]).toEqual(['info', 'magnum.cluster.create'])
      expect(publisher_id).toMatch(/^container-infra\.replica-/)
      expect(metadata.message_id).toMatch(/^[0-9a-f-]{36}$/)
      expect(metadata.timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
      expect(payload).toMatchObject({ action: 'create', target: { id: uuid } })
    }
    const pending = heard.find(({ payload }) => payload['outcome'] === 'pending')
    expect(pending?.payload['initiator']).toMatchObject({ project_id: pending?.context['project_id'] })
  } finally {
    consumer?.kill('SIGKILL')
    await served.stop()
  }
  expect(said.filter(({ message }) => message.startsWith('The message bus'))).toEqual([])
}, 300_000)
