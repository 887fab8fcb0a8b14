/** The desk and the real program of the node, which comes to it. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from '../api/route.ts'
import { type Stage, stage } from '../certificates/fixture.ts'
import { type Desk, openDesk, type Report } from './desk.ts'
import { type Ledger, type NodeOrders, openLedger } from './ledger.ts'
import { dockerPapers, papersOf } from './papers.ts'
import { nodeKey, nodeToken } from './token.ts'

const program = resolve(import.meta.dirname, '../../../images/node-image/root/usr/lib/croque/croque-node')
const group = '00000000-0000-4000-8000-0000000000aa'
const controlPlane = {
  apiNames: ['192.0.2.10'],
  serviceAddress: '10.254.0.1',
  dnsDomain: 'cluster.local',
  ownServer: 'https://10.0.0.5:6443',
}

const ordersOf = (role: 'master' | 'worker', more: Partial<NodeOrders> = {}): NodeOrders => ({
  revision: 'first',
  name: 'demo-node-0',
  role,
  address: '10.0.0.5',
  version: 'v1.35.4',
  founds: false,
  pause: 1,
  later: [],
  server: 'https://192.0.2.10:6443',
  files: { '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n' },
  commands: [['systemctl', 'start', 'kubelet']],
  papers: papersOf({ name: 'demo-node-0', role, addresses: ['10.0.0.5'] }, controlPlane),
  secrets: {},
  ...more,
})

let scene: Stage
let ledger: Ledger
let desk: Desk
let secret: string
let root: string
let token: string
let close: () => void
let url: string

beforeEach(async () => {
  scene = await stage()
  ledger = openLedger(scene.store)
  secret = 'secret'
  const secrets = { 'cloud-config': async () => ({ '/etc/kubernetes/cloud-config': secret }) }
  desk = openDesk({ store: scene.store, ledger, certificates: scene.replica(), now: scene.now, secrets })
  root = mkdtempSync(join(tmpdir(), 'croque-node-'))
  const { key } = await ledger.change(scene.cluster, (state) => ({ ...state }))
  token = nodeToken(key, { cluster: scene.cluster.uuid, group, index: 0 })
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const sent: unknown = body === '' ? {} : JSON.parse(body)
    const said = (request.headers.authorization ?? '').replace('Bearer ', '')
    const answer = {
      '/orders': async () => await desk.orders(said, request.headers['if-none-match']?.replaceAll('"', '')),
      '/papers': async () => await desk.papers(said, (sent as { requests: Record<string, string> }).requests),
      '/reports': async () => await desk.report(said, sent as Report),
    }[request.url ?? '']
    try {
      const body = await answer?.()
      if (body === undefined && request.url === '/orders') response.statusCode = 304
      response.end(response.statusCode === 304 ? undefined : JSON.stringify(body ?? null))
    } catch (error) {
      response.statusCode = error instanceof ApiError ? error.status : 500
      response.end(JSON.stringify({ errors: [{ detail: String(error) }] }))
    }
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => void server.close()
})

afterEach(() => {
  close()
  rmSync(root, { recursive: true })
})

const admit = async (orders: NodeOrders): Promise<void> => {
  const key = nodeKey({ group, index: 0 })
  await ledger.change(scene.cluster, (state) => ({
    ...state,
    nodes: { ...state.nodes, [key]: { ...state.nodes[key], orders } },
  }))
  // The desk gives what it read a moment ago.
  scene.pass(1)
}
/** What the driver says anew. */
const change = async (changes: Partial<NodeOrders>): Promise<void> => await admit({ ...ordersOf('worker'), ...changes })
const entry = async () => (await ledger.read(scene.cluster.uuid))?.nodes[nodeKey({ group, index: 0 })]

/** Programs that a test needs beside openssl: what they are given is written down. */
function stub(name: string, script: string): void {
  const path = join(root, 'bin', name)
  mkdirSync(join(root, 'bin'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> ${join(root, 'ran')}\n${script}\n`)
  chmodSync(path, 0o755)
}

function start(words: readonly string[]) {
  mkdirSync(join(root, 'etc/croque'), { recursive: true })
  writeFileSync(
    join(root, 'etc/croque/node.json'),
    JSON.stringify({ url: url.replace('127.0.0.1', 'localhost'), address: '127.0.0.1', token }),
  )
  const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, CROQUE_NODE_ROOT: root, CROQUE_NODE_PAUSE: '0.05' }
  const ended = promisify(execFile)('/usr/bin/python3', ['-I', program, ...words], { env })
  return {
    child: ended.child,
    ended: ended.then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: { code: number; stderr: string }) => error,
    ),
  }
}

const boot = async (): Promise<{ readonly code: number; readonly stderr: string }> => await start(['once']).ended

const file = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('a server becomes a node', () => {
  beforeEach(() => {
    stub('systemctl', '')
    stub('kubectl', 'printf True')
  })

  test('a worker gets its orders once it is expected, two certificates and the CA, and tells that it is ready', async () => {
    const asked = vi.spyOn(desk, 'orders')
    const booting = boot()
    await expect.poll(() => asked.mock.settledResults[0]?.type, { timeout: 20_000 }).toBe('rejected')
    await admit(ordersOf('worker'))
    expect(await booting).toMatchObject({ code: 0, stderr: expect.stringContaining('425') as string })
    const { cas } = await scene.replica().material(scene.cluster)
    expect(file('etc/kubernetes/pki/ca.crt')).toBe(cas.kubernetes.trusted)
    const server = new X509Certificate(file('var/lib/kubelet/pki/kubelet.crt'))
    expect(server.verify(new X509Certificate(cas.kubernetes.trusted).publicKey)).toBe(true)
    expect(server.subject).toContain('CN=system:node:demo-node-0')
    expect(server.subjectAltName).toBe('DNS:demo-node-0, IP Address:10.0.0.5')
    const config = JSON.parse(file('etc/kubernetes/kubelet.conf')) as { clusters: [{ cluster: { server: string } }] }
    expect(config.clusters[0].cluster.server).toBe('https://192.0.2.10:6443')
    expect(file('ran')).toBe(
      `systemctl start kubelet\nkubectl --kubeconfig ${root}/etc/kubernetes/kubelet.conf get node demo-node-0 -o jsonpath={.status.conditions[?(@.type=='Ready')].status}\n`,
    )
    expect((await entry())?.report).toMatchObject({ phase: 'ready', at: scene.now().getTime() })
    expect(existsSync(join(root, 'etc/kubernetes/pki/sa.key'))).toBe(false)
    expect(file('etc/hosts')).toBe('127.0.0.1 localhost\n')
  })

  test('a master gets everything that kubeadm would sign, and no key of a CA', async () => {
    await admit(ordersOf('master', { commands: [['kubeadm', 'init']] }))
    stub('kubeadm', '')
    expect(await boot()).toMatchObject({ code: 0 })
    const { cas, serviceAccount } = await scene.replica().material(scene.cluster)
    for (const [path, ca, kind] of [
      ['etcd/server', 'etcd/ca', 'etcd'],
      ['apiserver-etcd-client', 'etcd/ca', 'etcd'],
      ['front-proxy-client', 'front-proxy-ca', 'front-proxy'],
      ['apiserver', 'ca', 'kubernetes'],
    ] as const) {
      const pem = file(`etc/kubernetes/pki/${ca}.crt`)
      expect(pem).toBe(cas[kind].trusted)
      const certificate = new X509Certificate(file(`etc/kubernetes/pki/${path}.crt`))
      expect(certificate.verify(new X509Certificate(pem).publicKey), path).toBe(true)
    }
    expect(new X509Certificate(file('etc/kubernetes/pki/apiserver.crt')).subjectAltName).toContain('192.0.2.10')
    expect(file('etc/kubernetes/pki/sa.key')).toBe(serviceAccount.signingKey)
    for (const name of ['ca.key', 'etcd/ca.key', 'front-proxy-ca.key'])
      expect(existsSync(join(root, 'etc/kubernetes/pki', name)), name).toBe(false)
  })

  test("a node of a swarm gets the CA and a certificate of a server, and Docker's key signs what it tells", async () => {
    const { spec } = scene.cluster
    await scene.store.clusters.replace(scene.cluster, { ...spec, template: { ...spec.template, coe: 'swarm-mode' } })
    await admit(ordersOf('master', { files: {}, commands: [], papers: dockerPapers(['demo-node-0', '10.0.0.5']) }))
    expect(await boot()).toMatchObject({ code: 0 })
    const { cas } = await scene.replica().material(scene.cluster)
    expect(file('etc/docker/tls/ca.crt')).toBe(cas.kubernetes.trusted)
    const certificate = new X509Certificate(file('etc/docker/tls/server.crt'))
    expect([certificate.subjectAltName, certificate.keyUsage]).toEqual([
      'DNS:demo-node-0, IP Address:10.0.0.5',
      ['1.3.6.1.5.5.7.3.1'],
    ])
    expect((await entry())?.report).toMatchObject({ phase: 'ready' })
    // Nothing of Kubernetes, and nobody asks its API.
    expect(existsSync(join(root, 'etc/kubernetes'))).toBe(false)
    expect(existsSync(join(root, 'ran'))).toBe(false)
  })

  test('secret files are for those whose orders name them, readable by root alone', async () => {
    await admit(ordersOf('worker', { secrets: { 'cloud-config': 'first' } }))
    expect(await boot()).toMatchObject({ code: 0 })
    expect(file('etc/kubernetes/cloud-config')).toBe('secret')
    expect(statSync(join(root, 'etc/kubernetes/cloud-config')).mode & 0o777).toBe(0o600)
  })

  test('files of another revision are fetched again, and what was done is not done again', async () => {
    await admit(ordersOf('worker', { secrets: { 'cloud-config': 'first' } }))
    await boot()
    secret = 'another'
    await admit(ordersOf('worker', { revision: 'second', secrets: { 'cloud-config': 'second' } }))
    expect(await boot()).toMatchObject({ code: 0 })
    expect(file('etc/kubernetes/cloud-config')).toBe('another')
    expect((await entry())?.report).toMatchObject({ phase: 'ready', revision: 'second' })
  })

  test('without a word of it in the orders there are none', async () => {
    await admit(ordersOf('worker'))
    await boot()
    expect(existsSync(join(root, 'etc/kubernetes/cloud-config'))).toBe(false)
  })

  test('what failed is told with its reason, and done over when it is run again, with the same keys', async () => {
    await admit(ordersOf('worker'))
    stub('systemctl', 'echo "W1129 19:16 deprecated" >&2; echo "kubelet.service is masked" >&2; exit 1')
    expect((await boot()).code).toBe(1)
    const first = (await entry())?.report
    expect(first).toMatchObject({ phase: 'failed', message: 'systemctl: kubelet.service is masked' })
    expect((await boot()).code).toBe(1)
    expect((await entry())?.report?.failingSince).toBe(first?.at)
    stub('systemctl', '')
    expect(await boot()).toMatchObject({ code: 0 })
    expect((await entry())?.report).toEqual(expect.not.objectContaining({ failingSince: expect.anything() }))
    expect((await entry())?.report?.phase).toBe('ready')
  })

  test('once it is ready it does nothing more, until there is something new: that, once', async () => {
    await admit(ordersOf('worker'))
    await boot()
    const before = file('ran')
    expect(await boot()).toMatchObject({ code: 0 })
    expect(file('ran')).toBe(before)
    stub('etcdctl', '')
    await change({ revision: 'second', later: [['etcdctl', 'member']], files: { '/etc/news': 'new\n' } })
    await boot()
    await boot()
    expect(file('ran')).toBe(`${before}etcdctl member\n`)
    expect(file('etc/news')).toBe('new\n')
    expect((await entry())?.report).toMatchObject({ phase: 'ready', revision: 'second' })
  })

  test('what fails later is told, tried again, and makes no other node of it', async () => {
    await admit(ordersOf('worker'))
    await boot()
    stub('etcdctl', 'echo "no quorum" >&2; exit 1')
    await change({ revision: 'second', later: [['etcdctl', 'member']] })
    expect((await boot()).code).toBe(1)
    expect(await entry()).toMatchObject({ joined: true, report: { phase: 'failed', revision: 'second' } })
    stub('etcdctl', '')
    expect(await boot()).toMatchObject({ code: 0 })
    expect((await entry())?.report).toMatchObject({ phase: 'ready', revision: 'second' })
  })

  test('killed anywhere it goes on where it was: what ended well is not done again', async () => {
    await admit(
      ordersOf('worker', {
        commands: [
          ['systemctl', 'one'],
          ['systemctl', 'two'],
        ],
      }),
    )
    stub('systemctl', `[ "$1" = one ] || [ -e ${join(root, 'again')} ] || kill -9 $PPID`)
    await boot()
    writeFileSync(join(root, 'again'), '')
    expect(await boot()).toMatchObject({ code: 0 })
    expect(file('ran').match(/systemctl \w+/g)).toEqual(['systemctl one', 'systemctl two', 'systemctl two'])
  })

  test('it stays, and asks again', async () => {
    await admit(ordersOf('worker', { pause: 0.1 }))
    const asked = vi.spyOn(desk, 'orders')
    const { child, ended } = start([])
    await expect
      .poll(() => asked.mock.calls.filter(([, known]) => known === 'first').length, { timeout: 10_000 })
      .toBeGreaterThan(2)
    child.kill()
    await ended
  })

  test('whoever finds the token later gets no certificates and tells nothing', async () => {
    await admit(ordersOf('worker'))
    await boot()
    rmSync(root, { recursive: true })
    mkdirSync(root)
    stub('systemctl', '')
    const thief = await boot()
    expect(thief).toMatchObject({ code: 1, stderr: expect.stringContaining('409') as string })
    expect((await entry())?.report?.phase).toBe('ready')
    const forged = { phase: 'failed', revision: 'first', message: '', signature: Buffer.from('no').toString('base64') }
    await expect(desk.report(token, forged)).rejects.toMatchObject({ status: 403 })
  })

  test('a token of another node, cluster or key is none', async () => {
    await admit(ordersOf('worker'))
    const [cluster, , index, seal] = token.split('.')
    const others = [
      '',
      'x',
      [cluster, group, '1', seal].join('.'),
      [cluster, cluster, index, seal].join('.'),
      nodeToken(Buffer.alloc(32).toString('base64'), { cluster: scene.cluster.uuid, group, index: 0 }),
      nodeToken('', { cluster: '00000000-0000-4000-8000-00000000dead', group, index: 0 }),
    ]
    for (const other of others) await expect(desk.orders(other)).rejects.toMatchObject({ status: 401 })
  })
})
