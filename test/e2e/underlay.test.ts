/** The embedded underlay on this machine: made, used, killed, brought back with its data, removed without a trace. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { freePort, parseIdentity, run } from '../../src/host/index.ts'
import { createEmbeddedUnderlay } from '../../src/underlay/embedded/index.ts'
import type { StepReporter } from '../../src/underlay/index.ts'
import { patience } from './patience.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const cacheDir = env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const name = 'e2e-underlay'
const stateDir = join(env['CROQUE_STATE_DIR'] ?? '/var/lib/croque', name)
const report: StepReporter = { step: async (_, work) => await work(() => undefined) }
const signal = new AbortController().signal
const apiPort = await freePort()
const etcdPort = await freePort()
const underlay = createEmbeddedUnderlay({
  name,
  stateDir,
  cacheDir,
  repoDir,
  env,
  nodes: 2,
  apiPort,
  forwardPorts: [etcdPort],
})

/** An application whose data can be seen from outside: etcd with a claim, behind a Service. */
const application = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: store}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers:
        - name: etcd
          image: registry.k8s.io/etcd:3.6.6-0
          imagePullPolicy: Never
          command: [etcd, --data-dir=/data/etcd, --listen-client-urls=http://0.0.0.0:2379, --advertise-client-urls=http://store:2379]
          securityContext: {runAsUser: 1000}
          readinessProbe: {httpGet: {path: /health, port: 2379}, periodSeconds: 1}
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {type: NodePort, selector: {app: store}, ports: [{port: 2379, nodePort: 30379}]}
`

afterAll(async () => {
  if (existsSync(stateDir)) await underlay.down(report)
})

test('an underlay lives through its whole life', async () => {
  const before = await machine()
  const attempts = await Promise.allSettled([underlay.up(report, signal), underlay.up(report, signal)])
  expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-running' } })
  expect(await underlay.status()).toMatchObject({
    state: 'running',
    nodes: [
      { name: `${name}-1`, ready: true },
      { name: `${name}-2`, ready: true },
    ],
  })

  await kubectl(['apply', '-f', '-'], application)
  await kubectl(['rollout', 'status', 'deployment/store', '--timeout=120s'])
  await underlay.local.forward([{ name: 'store', hostPort: etcdPort, target: '10.111.0.2:30379' }])
  // A Pod is ready a moment before the node's rules lead to it.
  await expect
    .poll(async () => await etcd('put', { key: encoded('greeting'), value: encoded('hello') }), patience)
    .toBeDefined()

  await restartProxy()
  expect(await greeting()).toBe('hello')

  // The kernel takes a Pod's links away when it comes to it, and the routes of the Pod's address with them: by then, of the next Pod.
  const { stdout: pid } = await run('pgrep', ['--full', '^etcd --data-dir=/data/etcd'])
  const late = spawn('nsenter', [`--net=/proc/${pid.trim()}/ns/net`, 'sleep', '600'])
  onTestFinished(() => void late.kill())
  const links = await podLinks()
  for (const pid of await ourProcesses()) process.kill(pid, 'SIGKILL')
  await sleep(500)
  expect((await underlay.status()).state).toBe('stopped')
  await underlay.up(report, signal)
  expect((await podLinks()).filter((link) => links.includes(link))).toEqual([])
  await underlay.local.forward([{ name: 'store', hostPort: etcdPort, target: '10.111.0.2:30379' }])
  await expect.poll(async () => await greeting(), patience).toBe('hello')

  await kubectl(['delete', 'deployment/store', 'persistentvolumeclaim/data', '--wait'])
  await expect.poll(async () => await kubectl(['get', 'persistentvolumes', '-o', 'name']), patience).toBe('')

  await underlay.local.hostNames(['croque-e2e.test'])
  expect(await readFile('/etc/hosts', 'utf8')).toContain(`croque-e2e.test # croque ${name}`)
  await underlay.down(report)
  await underlay.down(report)
  expect(await machine()).toEqual(before)
  expect(existsSync(stateDir)).toBe(false)
  expect(await underlay.status()).toMatchObject({ state: 'absent' })
})

async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const path = join(stateDir, 'nodes', `${name}-1`, 'upper/usr/local/bin/kubectl')
  const places = [`--kubeconfig=${join(stateDir, 'kubeconfig')}`, `--cache-dir=${join(stateDir, 'kubectl-cache')}`]
  return (await run(path, [...places, ...args], { input })).stdout
}

async function etcd(
  call: 'put' | 'range',
  body: object,
): Promise<{ readonly kvs?: readonly { readonly value: string }[] }> {
  const response = await fetch(`http://127.0.0.1:${etcdPort}/v3/kv/${call}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(3000),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { readonly kvs?: readonly { readonly value: string }[] }
}

async function greeting(): Promise<string> {
  const { kvs } = await etcd('range', { key: encoded('greeting') })
  return Buffer.from(kvs?.[0]?.value ?? '', 'base64').toString()
}

/** The kube-proxy of the node that the forward leads to dies; another one reads what it had made, and makes what is missing. */
async function restartProxy(): Promise<void> {
  const pattern = `kube-proxy .*--hostname-override=${name}-1$`
  const proxy = async (): Promise<string> =>
    (await run('pgrep', ['--full', pattern], { okCodes: [0, 1] })).stdout.trim()
  const before = await proxy()
  process.kill(Number(before), 'SIGKILL')
  await expect.poll(async () => ['', before].includes(await proxy()), patience).toBe(false)
  const health = ['curl', '--silent', '--fail', '--max-time', '5', 'http://127.0.0.1:10256/healthz']
  const asked = [`--net=${join(stateDir, 'netns', `${name}-1`)}`, ...health]
  const synced = async (): Promise<string> => (await run('nsenter', asked, { okCodes: [0, 7, 22, 28] })).stdout
  await expect.poll(synced, patience).toContain('lastUpdated')
  await sleep(3000)
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** Links of Pods in the namespaces of the nodes. */
async function podLinks(): Promise<readonly string[]> {
  const shown = await Promise.all(
    [1, 2].map(async (node) => {
      const namespace = join(stateDir, 'netns', `${name}-${node}`)
      return (await run('nsenter', [`--net=${namespace}`, 'ip', '-brief', 'link', 'show', 'type', 'veth'])).stdout
    }),
  )
  return shown.flatMap((text) => text.match(/^veth\w+/gm) ?? [])
}

/** The nodes' main processes and the forwards. */
async function ourProcesses(): Promise<readonly number[]> {
  const list = JSON.parse(
    (await run('runc', ['--root', join(stateDir, 'runc'), 'list', '--format=json'])).stdout,
  ) as readonly { readonly pid: number }[]
  const pidFiles = (await readdir(join(stateDir, 'forwards'))).filter((file) => file.endsWith('.pid'))
  const forwards = await Promise.all(
    pidFiles.map(async (file) => parseIdentity(await readFile(join(stateDir, 'forwards', file), 'utf8'))?.pid ?? 0),
  )
  return [...list.map(({ pid }) => pid), ...forwards].filter((pid) => pid > 1)
}

/** What of this machine an underlay could leave changed: only the lines that name this one, for others may be at work. */
async function machine(): Promise<object> {
  const ours = (text: string): readonly string[] => text.split('\n').filter((line) => line.includes(name))
  const [mounts, hosts, links, loops, cgroups] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    readFile('/etc/hosts', 'utf8'),
    run('ip', ['-o', 'link']),
    run('losetup', ['--all']),
    run('find', ['/sys/fs/cgroup', '-maxdepth', '4', '-path', `*croque/${name}*`]),
  ])
  const sysctls = await Promise.all(
    ['kernel/panic', 'kernel/panic_on_oops', 'vm/overcommit_memory', 'net/ipv4/ip_forward'].map(
      async (key) => await readFile(`/proc/sys/${key}`, 'utf8'),
    ),
  )
  const interfaces = links.stdout.split('\n').map((line) => line.split(': ')[1])
  return { mounts: ours(mounts), hosts, interfaces, loops: ours(loops.stdout), cgroups: cgroups.stdout, sysctls }
}
