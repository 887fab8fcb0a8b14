/** A real etcd and kube-apiserver for tests, from the binaries in the cache; listens on 127.0.0.1 only. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKube, type KubeEndpoint } from '../../src/kube/index.ts'
import { createCa, issueServer } from '../../src/pki/index.ts'

export interface TestApiServer {
  readonly endpoint: KubeEndpoint
  /** Ends the API server at once, as a crash would; etcd stays. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Folder of the newest built or downloaded Kubernetes in the cache; undefined when there is none. */
export async function kubernetesBinaries(cacheDir: string): Promise<string | undefined> {
  const root = join(cacheDir, 'kubernetes')
  const found = existsSync(root) ? await readdir(root) : []
  return found.map((name) => join(root, name)).find((dir) => existsSync(join(dir, 'kube-apiserver')) && existsSync(join(dir, 'etcd')))
}

/** No controllers and no scheduler run: tests write the status of objects by hand. */
export async function startTestApiServer({ binaries, dir }: { readonly binaries: string; readonly dir: string }): Promise<TestApiServer> {
  await mkdir(dir, { recursive: true })
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const ca = await createCa({ commonName: 'test', days: 2, now: new Date() })
  const pair = await issueServer({ ca, commonName: 'test', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], days: 2, now: new Date() })
  await Promise.all([writeFile(join(dir, 'tls.crt'), pair.cert), writeFile(join(dir, 'tls.key'), pair.key)])
  const etcd = start(join(binaries, 'etcd'), [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ])
  const endpoint = { server: `https://127.0.0.1:${port}`, ca: ca.cert, clientCert: pair.cert, clientKey: pair.key }
  const serve = (): Started =>
    start(join(binaries, 'kube-apiserver'), [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--tls-cert-file=${join(dir, 'tls.crt')}`,
      `--tls-private-key-file=${join(dir, 'tls.key')}`,
      `--cert-dir=${dir}`,
      '--service-cluster-ip-range=10.97.0.0/16',
      '--service-account-issuer=https://test',
      `--service-account-key-file=${join(dir, 'tls.key')}`,
      `--service-account-signing-key-file=${join(dir, 'tls.key')}`,
      '--authorization-mode=AlwaysAllow',
      '--anonymous-auth=true',
      '--disable-admission-plugins=ServiceAccount',
    ])
  let server = serve()
  await untilServing(endpoint, server)
  return {
    endpoint,
    kill: () => end(server.child, 'SIGKILL'),
    restart: async () => {
      server = serve()
      await untilServing(endpoint, server)
    },
    stop: async () => {
      await end(server.child, 'SIGKILL')
      await end(etcd.child, 'SIGKILL')
    },
  }
}

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
}

function start(program: string, args: readonly string[]): Started {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/bin:/bin' } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-5000)))
  return { child, output: () => output }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

async function untilServing(endpoint: KubeEndpoint, server: Started): Promise<void> {
  const kube = createKube(endpoint, { retrySeconds: 0, timeoutSeconds: 2 })
  const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' }
  try {
    for (let attempt = 0; attempt < 300; attempt++) {
      if (server.child.exitCode !== null) throw new Error(`kube-apiserver ended:\n${server.output()}`)
      if (await kube.get(namespace).catch(() => undefined)) return
      await sleep(200)
    }
    throw new Error(`kube-apiserver does not serve:\n${server.output()}`)
  } finally {
    kube.close()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
