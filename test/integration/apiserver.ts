/** A real etcd and kube-apiserver for tests, from the programs in the cache, on free ports of 127.0.0.1. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, run } from '../../src/host/index.ts'
import { ensureBinaries } from '../../src/images/index.ts'
import { accessOf } from '../../src/underlay/embedded/index.ts'
import type { KubeAccess } from '../../src/underlay/index.ts'
import { workshop } from './workshop.ts'

export interface TestApiServer {
  readonly access: KubeAccess
  /** Where the programs of its version are. */
  readonly programs: string
  /** Path of a kubectl of its version. */
  readonly kubectl: string
  /** Of its etcd, for what would take an API server minutes to be given. */
  readonly etcdUrl: string
  /** Ends the API server at once, as a crash would, and starts it again on the same port; etcd stays. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface TestApiServerOptions {
  /** An empty directory for keys, data and logs. */
  readonly dir: string
  /** Writes `ca.crt` and, as `.crt` and `.key`, `server` (for 127.0.0.1) and `client` (of `system:masters`). @default by openssl, from a CA of its own */
  readonly certificates?: (dir: string) => Promise<void>
  /** How it finds out who may do what, and what else it shall be told. @default RBAC, and nothing */
  readonly flags?: readonly string[]
}

/** Ready to answer when it returns, after some five seconds. The client is in `system:masters`. */
export async function startTestApiServer(options: TestApiServerOptions): Promise<TestApiServer> {
  const { dir } = options
  const binaries = await ensureBinaries(workshop, { signal: new AbortController().signal, say: () => undefined })
  await mkdir(dir, { recursive: true })
  const [etcdPort, peerPort, apiPort] = await Promise.all([freePort(), freePort(), freePort()])
  const server = `https://127.0.0.1:${apiPort}`
  const at = (name: string): string => join(dir, name)
  await (options.certificates ?? makeCertificates)(dir)
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const etcd = start(join(binaries.dir, 'etcd'), at('etcd.log'), [
    `--data-dir=${at('etcd')}`,
    '--name=test',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=test=${peerUrl}`,
    '--unsafe-no-fsync',
  ])
  const serve = (): ChildProcess =>
    start(join(binaries.dir, 'kube-apiserver'), at('apiserver.log'), [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      '--advertise-address=127.0.0.1',
      `--tls-cert-file=${at('server.crt')}`,
      `--tls-private-key-file=${at('server.key')}`,
      `--client-ca-file=${at('ca.crt')}`,
      `--service-account-key-file=${at('server.key')}`,
      `--service-account-signing-key-file=${at('server.key')}`,
      '--service-account-issuer=https://test',
      ...(options.flags ?? ['--authorization-mode=RBAC']),
      '--service-cluster-ip-range=10.113.0.0/16',
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged=true',
    ])
  let apiServer = serve()
  const stop = async (): Promise<void> => {
    await Promise.all([etcd, apiServer].map(end))
  }
  try {
    const access = { ...accessOf(await kubeconfig(dir, server)), kubeconfigFile: at('kubeconfig') }
    const ready = async (): Promise<void> =>
      await untilReady(join(binaries.dir, 'kubectl'), access, dir, [etcd, apiServer])
    await ready()
    const restart = async (): Promise<void> => {
      await end(apiServer)
      apiServer = serve()
      await ready()
    }
    return { access, programs: binaries.dir, kubectl: await kubectlOf(binaries.dir, dir), etcdUrl, restart, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function makeCertificates(dir: string): Promise<void> {
  const openssl = async (...args: readonly string[]): Promise<void> => {
    await run('openssl', args, { cwd: dir })
  }
  const request = ['req', '-newkey', 'rsa:2048', '-nodes']
  await openssl(...request, '-x509', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test-ca')
  for (const [name, subject] of [
    ['server', '/CN=kube-apiserver'],
    ['client', '/O=system:masters/CN=test'],
  ] as const) {
    await openssl(...request, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject)
    await writeFile(
      join(dir, `${name}.ext`),
      'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
    )
    await openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      `${name}.crt`,
      '-extfile',
      `${name}.ext`,
    )
  }
}

async function kubeconfig(dir: string, server: string): Promise<string> {
  const data = async (name: string): Promise<string> => (await readFile(join(dir, name))).toString('base64')
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': await data('ca.crt') } }],
    users: [
      {
        name: 'test',
        user: { 'client-certificate-data': await data('client.crt'), 'client-key-data': await data('client.key') },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  })
  await writeFile(join(dir, 'kubeconfig'), text, { mode: 0o600 })
  return text
}

/** It keeps what it discovers where it stands unless it is told otherwise. */
async function kubectlOf(programs: string, dir: string): Promise<string> {
  const path = join(dir, 'kubectl')
  const script = `#!/bin/sh\nKUBECACHEDIR=${dir}/kubectl-cache exec ${programs}/kubectl "$@"\n`
  await writeFile(path, script, { mode: 0o755 })
  return path
}

async function untilReady(
  kubectl: string,
  access: KubeAccess,
  dir: string,
  children: readonly ChildProcess[],
): Promise<void> {
  const args = [
    `--kubeconfig=${join(dir, 'kubeconfig')}`,
    `--cache-dir=${join(dir, 'cache')}`,
    `--server=${access.server}`,
    'get',
    'namespace',
    'default',
    '--request-timeout=3s',
  ]
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (children.some(({ exitCode }) => exitCode !== null)) break
    if ((await run(kubectl, args, { okCodes: [0, 1] })).code === 0) return
    await sleep(200)
  }
  throw new Error(
    `the API server did not become ready: ${(await readFile(join(dir, 'apiserver.log'), 'utf8')).slice(-2000)}`,
  )
}

function start(program: string, log: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const out = createWriteStream(log)
  child.stdout.pipe(out, { end: false })
  child.stderr.pipe(out, { end: false })
  return child
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
