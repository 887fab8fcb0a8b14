/** A tenant's Kubernetes as its users have it: made by `croque cluster`, used by kubectl, resized by the openstack client. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { type ContainerCluster, statusOf } from '../../src/openstack/index.ts'
import { asked } from './guests.ts'
import type { Installation, Ran } from './installation.ts'
import { patience } from './patience.ts'
import type { Tenant } from './tenants.ts'

const second = 1000

export interface ClusterScene {
  readonly cloud: Installation
  /** Network namespace of a node in the provider network, from where the world outside comes. */
  readonly outside: string
  readonly name: string
}

/** Prints what took how long; nothing depends on it. */
export async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await work()
  process.stdout.write(`cluster: ${what} took ${((performance.now() - begun) / second).toFixed(0)} s\n`)
  return result
}

/** PEM each. */
interface Identity {
  readonly cert: string
  readonly key: string
}

export interface Kubernetes {
  /** Whom the kubeconfig is for. */
  readonly identity: Identity
  readonly kubectl: (...args: readonly string[]) => Ran
  /** Paths of the kubeconfig, while it is not removed, and of the program. */
  readonly paths: { readonly kubeconfig: string; readonly kubectl: string }
  /** Names of the nodes that are Ready. */
  readonly ready: () => readonly string[]
  readonly remove: () => void
}

/** By a kubeconfig in a file and the kubectl of this machine, as people go on from `croque cluster kubeconfig`. */
export function kubernetesOf({ cloud, name }: ClusterScene): Kubernetes {
  const directory = mkdtempSync(join(tmpdir(), 'croque-e2e-cluster-'))
  const file = join(directory, 'kubeconfig')
  const ran = cloud.run('cluster', 'kubeconfig', name, '--to', file)
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8')).toContain('server: https://127.0.0.1:')
  const program = join(cloud.stateDir, 'nodes', `${cloud.name}-1`, 'upper/usr/local/bin/kubectl')
  const kubectl = (...args: readonly string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(program, ['--kubeconfig', file, ...args], { encoding: 'utf8' })
    return { code: status ?? 1, stdout, stderr }
  }
  const pem = (data: string): string => Buffer.from(data, 'base64').toString('utf8')
  const [entry] = (parse(readFileSync(file, 'utf8')) as KubeconfigUsers).users
  return {
    identity: { cert: pem(entry.user['client-certificate-data']), key: pem(entry.user['client-key-data']) },
    kubectl,
    paths: { kubeconfig: file, kubectl: program },
    ready: () => {
      const { stdout } = kubectl('get', 'nodes', '--no-headers')
      return stdout.split('\n').flatMap((line) => {
        const [node = '', state] = line.split(/ +/)
        return state === 'Ready' ? [node] : []
      })
    },
    remove: () => rmSync(directory, { recursive: true }),
  }
}

interface KubeconfigUsers {
  readonly users: readonly [{ readonly user: Readonly<Record<'client-certificate-data' | 'client-key-data', string>> }]
}

export async function tryCreate(
  { cloud, name }: ClusterScene,
  template: string,
  { masters = 1, nodes = 1 }: { readonly masters?: number; readonly nodes?: number } = {},
): Promise<void> {
  const counts = ['--master-count', String(masters), '--node-count', String(nodes)]
  const wish = ['--template', template, ...counts, '--label', 'auto_healing_enabled=true']
  const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  const size = `${many(masters, 'master')}, ${many(nodes, 'node')}`
  const ran = await timed(`create, ${size}`, () => cloud.run('cluster', 'create', name, ...wish))
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  expect(ran.stdout).toContain(`Cluster ${name} is there: ${size}`)
  const found = cloud.run('cluster', 'kubectl', name, '--', 'get', 'nodes', '--no-headers')
  expect(found.stdout.trim().split('\n'), found.stderr).toHaveLength(masters + nodes)
}

/** An operation ended as that, whoever dies meanwhile: also who answers. */
export async function settled(
  { cloud, name }: { readonly cloud: Pick<Installation, 'api'>; readonly name: string },
  as: string,
  within = patience,
): Promise<void> {
  const api = cloud.api()
  try {
    let seen: ContainerCluster | undefined
    const look = async (): Promise<string | undefined> => {
      seen = await api.containerInfra.clusters.get(name).catch(() => undefined)
      return seen?.status
    }
    await expect.poll(look, within).toMatch(/_COMPLETE$|_FAILED$/)
    expect(seen?.status, seen?.reason).toBe(as)
  } finally {
    api.close()
  }
}

const port = 30_080

/** A Deployment of an image that every node has, answering HTTP, and a Service that leads to it from any node. */
function served(image: string): string {
  const labels = { app: 'served' }
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'served' },
      data: { Corefile: '.:1053 {\n  health :8080\n}\n' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'served' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'served',
                image,
                args: ['-conf', '/etc/served/Corefile'],
                readinessProbe: { httpGet: { path: '/health', port: 8080 } },
                volumeMounts: [{ name: 'conf', mountPath: '/etc/served' }],
              },
            ],
            volumes: [{ name: 'conf', configMap: { name: 'served' } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'served' },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: port }] },
    },
  ]
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
}

/** The address of a worker in the provider network. */
async function workerAddress({ cloud, name }: ClusterScene): Promise<string> {
  const api = cloud.api()
  const groups = await api.containerInfra.clusters.nodeGroups(name).finally(api.close)
  return groups.find(({ role }) => role === 'worker')?.addresses[0] ?? ''
}

export async function tryService(scene: ClusterScene, { kubectl }: Kubernetes): Promise<void> {
  const found = kubectl('-n', 'kube-system', 'get', 'deployment', 'coredns', '-o', 'jsonpath={..image}')
  const dir = mkdtempSync(join(tmpdir(), 'croque-e2e-served-'))
  const file = join(dir, 'objects.json')
  writeFileSync(file, served(found.stdout))
  const applied = kubectl('apply', '-f', file)
  expect(applied.code, applied.stderr).toBe(0)
  rmSync(dir, { recursive: true })
  await timed('a Deployment and a Service that answer from outside', async () => await tryAnswers(scene))
}

/** What {@link tryService} made, by a worker of now. */
export async function tryAnswers(scene: ClusterScene): Promise<void> {
  // The address of a worker that was replaced is known a moment after its node is Ready.
  const answer = async (): Promise<string> =>
    asked(scene.outside, `http://${await workerAddress(scene)}:${port}/health`)
  await expect.poll(answer, patience).toBe('OK')
}

export async function tryResize(scene: ClusterScene, { ready }: Kubernetes): Promise<void> {
  const resize = async (count: number): Promise<void> => {
    scene.cloud.done('openstack', 'coe', 'cluster', 'resize', scene.name, String(count))
    await settled(scene, 'UPDATE_COMPLETE')
    await expect.poll(() => ready().length, patience).toBe(count + 1)
  }
  await timed('resize from 1 to 3 nodes', async () => await resize(3))
  await timed('resize from 3 to 1', async () => await resize(1))
}

/** The server of the only worker is deleted behind everybody's back; another one takes its place, and what ran on it runs there. */
export async function tryHeal(scene: ClusterScene, { ready }: Kubernetes): Promise<void> {
  const { cloud } = scene
  const dead = ready().find((node) => node.includes('-node-')) ?? ''
  cloud.done('openstack', 'server', 'delete', dead)
  await timed('a dead node replaced', async () => {
    const healed = (): boolean => ready().length === 2 && !ready().includes(dead)
    await expect.poll(healed, patience).toBe(true)
  })
  await timed('what ran on it answers again', async () => await tryAnswers(scene))
  const api = cloud.api()
  const settled = async (): Promise<string> => {
    const cluster = await api.containerInfra.clusters.get(scene.name)
    return `${cluster?.status} ${cluster?.health}`
  }
  await expect.poll(settled, patience).toBe('UPDATE_COMPLETE HEALTHY')
  api.close()
}

const gone = async (look: () => Promise<unknown>): Promise<void> =>
  await expect.poll(async () => (await look()) === undefined, patience).toBe(true)

/** Somebody else's cluster of the same name, by the client and with the rights that every tenant has; a control plane is enough. */
export async function tryOther({ name }: ClusterScene, tenant: Tenant): Promise<void> {
  const made = ['coe', 'cluster', 'create', name, '--cluster-template', 'kubernetes', '--node-count', '0']
  tenant.asked(...made)
  const done = (): Promise<void> => settled({ cloud: tenant, name }, 'CREATE_COMPLETE')
  await timed("create, another tenant's control plane", done)
}

/** Neither sees the other's cluster, nor anything that it is made of; nor is anything of a node open to the world but what is meant for it. */
export async function tryApart(scene: ClusterScene, tenant: Tenant, { identity }: Kubernetes): Promise<void> {
  const { cloud, name, outside } = scene
  const admin = cloud.api()
  const other = tenant.api()
  try {
    const home = (await admin.identity.whoami()).project.id
    const all = await admin.containerInfra.clusters.list()
    const mine = all.find((one) => one.name === name && one.project === home)
    const theirs = await other.containerInfra.clusters.get(name)
    if (mine === undefined || theirs === undefined) throw new Error('a cluster is not there')
    expect((await other.containerInfra.clusters.list()).map(({ id }) => id)).toEqual([theirs.id])
    expect(await other.containerInfra.clusters.get(mine.id)).toBeUndefined()
    const refusals = [
      () => other.containerInfra.clusters.ca(mine.id),
      () => other.containerInfra.clusters.sign(mine.id, 'a request'),
      () => other.containerInfra.clusters.resize(mine.id, { nodeCount: 0 }),
      () => other.containerInfra.clusters.nodeGroups(mine.id),
    ]
    for (const refused of refusals) {
      const status = await refused().then(() => 200, statusOf)
      expect([400, 403, 404]).toContain(status)
    }
    const own = async (service: string, path: string): Promise<unknown> =>
      (await other.request(service, 'GET', path)).body
    for (const [service, path] of [
      ['orchestration', '/stacks'],
      ['compute', '/servers'],
    ] as const) {
      const seen = JSON.stringify(await own(service, path))
      expect(seen).toContain(`${name}-${theirs.id.slice(0, 8)}`)
      expect(seen).not.toContain(`${name}-${mine.id.slice(0, 8)}`)
    }
    const { project } = await other.identity.whoami()
    for (const kind of ['ports', 'routers', 'security-groups', 'floatingips']) {
      const [rows = []] = Object.values((await own('network', `/v2.0/${kind}`)) as Readonly<Record<string, Owned[]>>)
      expect(rows).not.toHaveLength(0)
      expect(new Set(rows.map((row) => row.project_id)), kind).toEqual(new Set([project.id]))
    }
    // An administrator of the one is nobody to the other.
    const nodes = '/api/v1/nodes'
    expect(statusFor(outside, `${mine.apiAddress}${nodes}`, identity)).toBe('200')
    expect(statusFor(outside, `${theirs.apiAddress}${nodes}`, identity)).toBe('401')
    // The API asks who comes; nothing else of a master answers at all.
    expect(asked(outside, `${mine.apiAddress}/api/v1/nodes`)).toMatch(/Unauthorized|forbidden/)
    const { hostname } = new URL(mine.apiAddress ?? '')
    for (const closed of [22, 2379, 10_250, 10_257, 10_259])
      expect(isOpen(outside, hostname, closed), String(closed)).toBe(false)
    expect(isOpen(outside, hostname, 6443)).toBe(true)
  } finally {
    admin.close()
    other.close()
  }
}

interface Owned {
  readonly project_id: string
}

/** With what status an API server answers a client with this certificate; empty when it does not. */
function statusFor(netns: string, url: string, { cert, key }: Identity): string {
  const script = `const [url, cert, key] = process.argv.slice(1)
    require('node:https').get(url, { cert, key, rejectUnauthorized: false, timeout: 20000 }, (response) => {
      console.log(response.statusCode)
      response.destroy()
    }).on('error', () => undefined)`
  const ran = spawnSync('nsenter', [`--net=${netns}`, process.execPath, '-e', script, url, cert, key], {
    encoding: 'utf8',
  })
  return ran.stdout.trim()
}

/** Whether a port takes connections, as the world outside sees it. */
function isOpen(netns: string, host: string, port: number): boolean {
  const script = `const socket = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]) })
    socket.setTimeout(3000, () => process.exit(1)).on('error', () => process.exit(1)).on('connect', () => process.exit(0))`
  return spawnSync('nsenter', [`--net=${netns}`, process.execPath, '-e', script, host, String(port)]).status === 0
}

export async function tryDelete({ cloud, name }: ClusterScene, tenant: Tenant): Promise<void> {
  const api = tenant.api()
  tenant.asked('coe', 'cluster', 'delete', name)
  const ran = await timed('delete, beside another one', () => cloud.run('cluster', 'delete', name))
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  expect(ran.stdout).toContain(`Cluster ${name} is gone`)
  await gone(() => api.containerInfra.clusters.get(name))
  api.close()
}
