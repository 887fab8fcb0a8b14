/** Gathers the facts for preflight; changes nothing that outlasts it. */

import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { lastLines, missingPackages, mounts, run } from '../../host/index.ts'
import type { EmbeddedOptions } from './context.ts'
import { forwardNames, isForwarding } from './forward.ts'
import { mayHaveKvm } from './kvm.ts'
import { layoutOf } from './layout.ts'
import type { MachineFacts } from './preflight-judge.ts'
import { hostPackages, kvmPackages } from './settings.ts'

/** Each is tried in namespaces that end with the attempt. */
const featureScripts: Readonly<Record<string, string>> = {
  'bridge and veth': 'ip link add croque0 type bridge && ip link add croque1 type veth peer name croque2',
  nftables: 'nft add table ip croque || { nft -v >/dev/null 2>&1 && false || test ! -x /usr/sbin/nft; }',
  overlayfs:
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m && mount -t overlay overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w /mnt/m',
  'tun device': 'ip tuntap add dev croque3 mode tap',
}

export async function observeMachine(options: EmbeddedOptions): Promise<MachineFacts> {
  const [free, features, missing, takenPorts, cgroup, dnsFailure] = await Promise.all([
    freeSpace([options.stateDir, options.cacheDir]),
    Promise.all(
      Object.entries(featureScripts).map(async ([name, script]) => ({ name, failure: await tryFeature(script) })),
    ),
    missingPackages(await neededPackages()),
    portsTaken(options),
    cgroupVersion(),
    dnsTrouble(options.env),
  ])
  return {
    uid: process.getuid?.() ?? -1,
    arch: process.arch,
    free,
    memory: totalmem(),
    processors: availableParallelism(),
    cgroup,
    features,
    missingPackages: missing,
    hasApt: existsSync('/usr/bin/apt-get'),
    takenPorts,
    dnsFailure,
  }
}

/** Packages that this machine needs for carrying the underlay. */
export async function neededPackages(): Promise<readonly string[]> {
  return (await mayHaveKvm()) ? [...hostPackages, ...kvmPackages] : hostPackages
}

async function freeSpace(paths: readonly string[]): Promise<MachineFacts['free']> {
  return await Promise.all(
    paths.map(async (path) => {
      const { bavail, bsize } = await statfs(existingParent(path))
      return { path, bytes: bavail * bsize }
    }),
  )
}

function existingParent(path: string): string {
  return existsSync(path) || path === '/' ? path : existingParent(dirname(path))
}

async function tryFeature(script: string): Promise<string | undefined> {
  const result = await run('unshare', ['--mount', '--net', '--propagation', 'private', 'sh', '-c', script], {
    okCodes: Array.from({ length: 256 }, (_, code) => code),
  })
  return result.code === 0 ? undefined : lastLines(result.stderr, 1)
}

/** Ports that somebody else listens on; those of our own forwards are ours. */
async function portsTaken(options: EmbeddedOptions): Promise<readonly number[]> {
  const layout = layoutOf(options.name, options.stateDir, options)
  const own = await Promise.all((await forwardNames(layout)).map(async (name) => await isForwarding(layout, name)))
  if (own.some((running) => running)) return []
  const ports = [options.apiPort, ...(options.forwardPorts ?? [])]
  const free = await Promise.all(ports.map(isFree))
  return ports.filter((_, index) => free[index] === false)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => resolve(true))
  })
  if (free) await new Promise((resolve) => server.close(resolve))
  return free
}

async function cgroupVersion(): Promise<MachineFacts['cgroup']> {
  const types = new Set(
    (await mounts()).filter(({ mountPoint }) => mountPoint.startsWith('/sys/fs/cgroup')).map(({ fsType }) => fsType),
  )
  if (types.has('cgroup')) return 'v1'
  return types.has('cgroup2') ? 'v2' : 'none'
}

async function dnsTrouble(env: Readonly<Record<string, string>>): Promise<string | undefined> {
  if (Object.keys(env).some((name) => /^https?_proxy$/i.test(name))) return undefined
  return await Promise.race([
    lookup('deb.debian.org').then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
    new Promise<string>((resolve) => setTimeout(() => resolve('no answer within 3 s'), 3000).unref()),
  ])
}
