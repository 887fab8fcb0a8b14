/** Users of a real Keystone in a real API server, which asks our API over TLS who they are and what they may do. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createApiServer, stopApiServer } from '../../src/clusters/api/index.ts'
import { validator } from '../../src/clusters/identity/index.ts'
import { createMetrics } from '../../src/clusters/metrics/index.ts'
import { clusterSpecFixture } from '../../src/clusters/model/fixture.ts'
import { createMemoryStore } from '../../src/clusters/model/index.ts'
import { openLedger, reviewerToken } from '../../src/clusters/nodes/index.ts'
import {
  apiServerFlags,
  apiServerVolume,
  authorizationFiles,
  openReviews,
  reviewerFiles,
} from '../../src/clusters/reviews/index.ts'
import { run } from '../../src/host/index.ts'
import { connectService, type ServiceConnection } from '../../src/openstack/index.ts'
import { startTestApiServer, type TestApiServer } from './apiserver.ts'
import type { RoleName, User } from './openstack/identity.ts'
import { type Keystone, startKeystone } from './openstack/keystone.ts'

const uuid = '00000000-0000-4000-8000-000000000001'
const onNodes = '/etc/kubernetes/keystone'

let dir: string
let keystone: Keystone
let service: ServiceConnection
let api: ReturnType<typeof createApiServer>
let server: TestApiServer
const reports: string[] = []
const asked: string[] = []

const at = (name: string): string => join(dir, name)

/** Its own, as the cloud's CA is not the cluster's. */
async function certificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const what = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=cloud']
  const where = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('api.key'), '-out', at('api.crt')]
  await run('openssl', [...what, ...where])
  return { cert: await readFile(at('api.crt'), 'utf8'), key: await readFile(at('api.key'), 'utf8') }
}

/** Files as a master gets them, but for the directory. */
const here = (text: string): string => text.replaceAll(onNodes, at('keystone'))

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-keystone-users-'))
  keystone = await startKeystone({ dir: at('identity') })
  const { identity, authUrl } = keystone
  const services = await identity.createProject('service')
  const magnum = await identity.createUser('magnum', { project: services.id, roles: ['service'] })
  const login = { authUrl, username: magnum.name, password: magnum.password, project: 'service' }
  service = connectService({ ...login, retryMs: 1000, timeoutMs: 60_000 })
  const store = createMemoryStore()
  const projectId = (await identity.createProject('blue')).id
  const cluster = await store.clusters.create(uuid, clusterSpecFixture({ projectId }))
  const ledger = openLedger(store)
  const { key } = await ledger.change(cluster, (state) => ({ ...state }))
  const tls = await certificate()
  const validate = validator({ keystone: service.own, cacheMs: 0, report: (problem) => reports.push(problem) })
  api = createApiServer({
    routes: [],
    authenticate: async () => await Promise.reject(new Error('no caller comes here')),
    metrics: createMetrics(),
    log: (line) => asked.push(String((line as { path?: string }).path)),
    reviews: openReviews({ store, ledger, validate }),
    tls,
  })
  const url = (await api.listen({ host: '127.0.0.1', port: 0 })).replace('http:', 'https:')
  const files = { ...authorizationFiles, ...reviewerFiles({ url, ca: tls.cert }, uuid, reviewerToken(key, uuid)) }
  await mkdir(at('keystone'))
  for (const [path, text] of Object.entries(files)) await writeFile(here(path), here(text), { mode: 0o600 })
  server = await startTestApiServer({
    dir,
    flags: apiServerFlags.map(({ name, value }) => here(`--${name}=${value}`)),
  })
})

afterAll(async () => {
  await server?.stop()
  if (api !== undefined) await stopApiServer(api, 1000)
  service?.close()
  await keystone?.stop()
  await rm(dir, { recursive: true })
})

const users = new Map<string, User>()

async function userIn(project: string, role: RoleName): Promise<User> {
  const { identity } = keystone
  const name = `${role}-of-${project}`
  const known = users.get(name)
  if (known !== undefined) return known
  const { projects } = (await identity.call('GET', `/projects?name=${project}`)) as { projects: { id: string }[] }
  const id = projects[0]?.id ?? (await identity.createProject(project)).id
  const made = await identity.createUser(name, { project: id, roles: [role] })
  users.set(name, made)
  return made
}

const tokenOf = async (project: string, role: RoleName): Promise<string> =>
  await keystone.identity.tokenOf(await userIn(project, role), project)

/** What kubectl ends with, and what it writes to whom. */
async function kubectl(token: string, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  const where = [`--server=${server.access.server}`, `--certificate-authority=${at('ca.crt')}`]
  const who = [`--token=${token}`, '--kubeconfig=/dev/null', `--cache-dir=${at(`cache-${token.slice(-8)}`)}`]
  const { code, stdout, stderr } = await run(server.kubectl, [...where, ...who, ...args], { okCodes: [0, 1] })
  return { code, said: stdout + stderr }
}

const allowed = { code: 0 }
const forbidden = { code: 1, said: expect.stringMatching(/forbidden/i) as string }
const unauthorized = { code: 1, said: expect.stringMatching(/Unauthorized|must be logged in/) as string }

describe('a token of Keystone', () => {
  test('says who one is', async () => {
    const token = await tokenOf('blue', 'member')
    const ask = async () => await kubectl(token, 'auth', 'whoami', '-o=json')
    // An API server that is ready may still have to hear of its own first roles.
    await expect.poll(ask, { timeout: 60_000, interval: 200 }).toMatchObject(allowed)
    const { said } = await ask()
    const { userInfo } = (JSON.parse(said) as { status: { userInfo: { username: string; groups: string[] } } }).status
    expect(userInfo.username).toBe('member-of-blue')
    expect(userInfo.groups).toEqual(expect.arrayContaining(['member', 'reader', 'system:authenticated']))
  })

  test('lets a member create a Deployment, and not see the secrets of Kubernetes itself', async () => {
    const token = await tokenOf('blue', 'member')
    expect(await kubectl(token, 'create', 'deployment', 'demo', '--image=demo')).toMatchObject(allowed)
    expect(await kubectl(token, 'scale', 'deployment', 'demo', '--replicas=2')).toMatchObject(allowed)
    expect(await kubectl(token, 'get', 'secrets')).toMatchObject(allowed)
    expect(await kubectl(token, 'get', 'secrets', '--namespace=kube-system')).toMatchObject(forbidden)
    expect(await kubectl(token, 'create', 'namespace', 'mine')).toMatchObject(forbidden)
  })

  test('lets a reader look, and do nothing', async () => {
    const token = await tokenOf('blue', 'reader')
    expect(await kubectl(token, 'get', 'deployments,pods', '--all-namespaces')).toMatchObject(allowed)
    expect(await kubectl(token, 'get', 'nodes')).toMatchObject(allowed)
    expect(await kubectl(token, 'create', 'deployment', 'mine', '--image=demo')).toMatchObject(forbidden)
    expect(await kubectl(token, 'get', 'secrets')).toMatchObject(forbidden)
  })

  test('lets an administrator of the project do everything, and give more to others by RBAC', async () => {
    const token = await tokenOf('blue', 'admin')
    expect(await kubectl(token, 'create', 'namespace', 'theirs')).toMatchObject(allowed)
    // Of what `edit` is put together where a controller manager runs.
    const given = ['--clusterrole=system:aggregate-to-edit', '--group=reader', '--namespace=theirs']
    expect(await kubectl(token, 'create', 'rolebinding', 'readers', ...given)).toMatchObject(allowed)
    const reader = await tokenOf('blue', 'reader')
    await expect
      .poll(async () => await kubectl(reader, 'get', 'secrets', '--namespace=theirs'), { timeout: 60_000 })
      .toMatchObject(allowed)
  })

  test.each(['member', 'admin'] as const)('of another project lets nobody in, not even as %s', async (role) => {
    expect(await kubectl(await tokenOf('red', role), 'get', 'pods')).toMatchObject(unauthorized)
  })

  test('of a credential with access rules, as nodes have, lets nobody in', async () => {
    const accessRules = [{ service: 'compute', method: 'GET', path: '/v2.1/servers/*' }]
    const made = await keystone.identity.createApplicationCredential(await tokenOf('blue', 'member'), { accessRules })
    const token = await keystone.identity.applicationCredentialToken(made)
    expect(await kubectl(token, 'get', 'pods')).toMatchObject(unauthorized)
  })

  test('that is none lets nobody in', async () => {
    expect(await kubectl('gAAAAABnothing', 'get', 'pods')).toMatchObject(unauthorized)
  })
})

async function byCertificate(): Promise<string> {
  const who = [`--kubeconfig=${server.access.kubeconfigFile}`, `--cache-dir=${at('cache')}`]
  return (await run(server.kubectl, [...who, 'get', 'deployment', 'demo', '-o=name'])).stdout
}

test('kubeadm makes such an API server of what a master is told', async () => {
  const config = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    kubernetesVersion: 'v1.35.4',
    apiServer: { extraArgs: apiServerFlags, extraVolumes: [apiServerVolume] },
  }
  await writeFile(at('kubeadm.yaml'), stringify(config))
  const phase = ['init', 'phase', 'control-plane', 'apiserver', `--config=${at('kubeadm.yaml')}`, '--dry-run']
  await mkdir(at('manifests'))
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', KUBEADM_INIT_DRYRUN_DIR: at('manifests') }
  await run(join(server.programs, 'kubeadm'), phase, { env })
  const pod = parse(await readFile(at('manifests/kube-apiserver.yaml'), 'utf8')) as {
    spec: { containers: [{ command: string[] }]; volumes: { hostPath: { path: string } }[] }
  }
  const { command } = pod.spec.containers[0]
  for (const { name, value } of apiServerFlags) expect(command).toContain(`--${name}=${value}`)
  // They exclude each other.
  expect(command.filter((flag) => flag.startsWith('--authorization-mode'))).toEqual([])
  expect(pod.spec.volumes.map(({ hostPath }) => hostPath.path)).toContain(onNodes)
})

test('nobody is asked about who comes by certificate', async () => {
  const before = asked.length
  expect(await byCertificate()).toBe('deployment.apps/demo\n')
  expect(asked.length).toBe(before)
})

test('without Keystone tokens let nobody in, the operator is told why, and certificates go on', async () => {
  const token = await keystone.identity.tokenOf(await userIn('blue', 'member'), 'blue')
  await keystone.stop()
  expect(await kubectl(token, 'get', 'pods')).toMatchObject(unauthorized)
  expect(reports.at(-1)).toMatch(/^Keystone did not say whether a token is valid: .*no answer/)
  expect(await byCertificate()).toBe('deployment.apps/demo\n')
  expect(await readFile(at('apiserver.log'), 'utf8')).toContain('Keystone did not say whether this token is valid')
})

test('nor does it need our API', async () => {
  await stopApiServer(api, 1000)
  expect(await byCertificate()).toBe('deployment.apps/demo\n')
})
