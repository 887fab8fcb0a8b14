/** What a cluster's certificates are for: a real API server takes them, and real clients get in, all through a rotation. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCertificates, kubeconfigText } from '../../src/clusters/certificates/index.ts'
import { clusterSpecFixture } from '../../src/clusters/model/fixture.ts'
import { type Cluster, createMemoryStore } from '../../src/clusters/model/index.ts'
import { run } from '../../src/host/index.ts'
import { startTestApiServer, type TestApiServer } from './apiserver.ts'

const dir = await mkdtemp(join(tmpdir(), 'croque-certificates-'))
const at = (name: string): string => join(dir, name)
const store = createMemoryStore()
const certificates = createCertificates({ store, now: () => new Date() })
let cluster: Cluster = await store.clusters.create('00000000-0000-4000-8000-000000000001', clusterSpecFixture())
let server: TestApiServer

const trusted = async (): Promise<void> =>
  await writeFile(at('ca.crt'), (await certificates.material(cluster)).cas.kubernetes.trusted)

/** As a node asks for it: its own key, and the API's signature. */
async function serve(): Promise<void> {
  const csr = request('rsa:2048', '/CN=kube-apiserver', at('new.key'), ['-addext', 'subjectAltName=IP:127.0.0.1'])
  await writeFile(at('server.crt'), await certificates.sign(cluster, csr, 'kubelet'))
  await run('cp', [at('new.key'), at('server.key')])
}

function request(algorithm: string, subject: string, key: string, more: readonly string[] = []): string {
  const options = ['req', '-new', '-nodes', '-newkey', algorithm, '-keyout', key, '-subj', subject, ...more]
  const curve = algorithm === 'ec' ? ['-pkeyopt', 'ec_paramgen_curve:P-384'] : []
  return execFileSync('openssl', [...options, ...curve], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

async function whoami(kubeconfig: string): Promise<string> {
  await writeFile(at('user'), kubeconfig, { mode: 0o600 })
  const options = [`--kubeconfig=${at('user')}`, `--cache-dir=${at('cache')}`]
  const { stdout } = await run(server.kubectl, [...options, 'auth', 'whoami', '-o=jsonpath={.status.userInfo}'])
  const { username, groups } = JSON.parse(stdout) as { username: string; groups: readonly string[] }
  return [username, ...groups].join(' ')
}

const admin = 'admin system:masters system:authenticated'
const located = (): Cluster => ({ ...cluster, status: { apiAddress: server.access.server } })
const outcome = async (kubeconfig: string): Promise<string> => await whoami(kubeconfig).catch(() => 'refused')
/** The API server reads its files again when they change, after a moment. */
const until = async (kubeconfig: string, result: string): Promise<void> =>
  await expect.poll(async () => await outcome(kubeconfig), { timeout: 100_000, interval: 1000 }).toBe(result)

beforeAll(async () => {
  server = await startTestApiServer({
    dir,
    certificates: async () => {
      await Promise.all([trusted(), serve()])
      const { cert, key } = await certificates.admin(cluster)
      await writeFile(at('client.crt'), cert)
      await writeFile(at('client.key'), key)
    },
  })
})

afterAll(async () => {
  await server.stop()
  await rm(dir, { recursive: true })
})

test('kubectl gets in by the kubeconfig', async () => {
  expect(await whoami(await certificates.kubeconfig(located()))).toBe(admin)
})

test.each(['rsa:2048', 'rsa:4096', 'ec', 'ed25519'])(
  'a client with a key of its own gets in (%s)',
  async (algorithm) => {
    const csr = request(algorithm, '/CN=admin/O=system:masters', at('own.key'))
    const [ca, cert] = [await certificates.ca(cluster), await certificates.sign(cluster, csr)]
    const key = execFileSync('cat', [at('own.key')], { encoding: 'utf8' })
    expect(await whoami(kubeconfigText({ name: 'demo', server: server.access.server, ca, cert, key }))).toBe(admin)
  },
)

test('a certificate of another CA of the same cluster does not let in', async () => {
  const csr = request('rsa:2048', '/CN=admin/O=system:masters', at('own.key'))
  const [ca, cert] = [await certificates.ca(cluster), await certificates.sign(cluster, csr, 'front-proxy')]
  const key = execFileSync('cat', [at('own.key')], { encoding: 'utf8' })
  await expect(whoami(kubeconfigText({ name: 'demo', server: server.access.server, ca, cert, key }))).rejects.toThrow()
})

test('through a rotation', { timeout: 300_000 }, async () => {
  const old = await certificates.kubeconfig(located())
  const operation = { ...cluster.spec.operation, kind: 'rotate-ca' as const, id: 'rotation' }
  cluster = await store.clusters.replace(cluster, { ...cluster.spec, operation })

  await certificates.startRotation(cluster)
  await trusted()
  const between = await certificates.kubeconfig(located())
  expect([await outcome(old), await outcome(between)]).toEqual([admin, admin])

  // Nodes trust both by now. The API server has no sign of its own for that: a certificate of the new CA is one.
  await certificates.switchSigning(cluster)
  const after = await certificates.kubeconfig(located())
  await until(after, admin)
  expect(await outcome(between)).toBe(admin)
  await serve()
  // Who trusts the old CA alone does not take the server's new certificate.
  await until(old, 'refused')
  expect([await outcome(between), await outcome(after)]).toEqual([admin, admin])

  await certificates.finishRotation(cluster)
  await trusted()
  await until(between, 'refused')
  expect(await outcome(after)).toBe(admin)
  expect(await whoami(await certificates.kubeconfig(located()))).toBe(admin)
})
