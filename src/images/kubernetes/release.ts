/** The programs as their projects publish them, for machines with internet. Every file is compared with the checksum published beside it. */
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CroqueError } from '../../errors/index.ts'
import { digestOfFile, run } from '../../host/index.ts'
import type { WorkOptions } from '../model.ts'
import { coreDnsVersion, etcdVersion, type KubernetesVersion } from './versions.ts'

export interface ReleaseSites {
  readonly kubernetes: string
  readonly etcd: string
  readonly coreDns: string
}

export const officialSites: ReleaseSites = {
  kubernetes: 'https://dl.k8s.io/release',
  etcd: 'https://github.com/etcd-io/etcd/releases/download',
  coreDns: 'https://github.com/coredns/coredns/releases/download',
}

interface ReleaseFile {
  readonly url: string
  /** A file whose text holds the SHA-256 of this one: alone, or on a line that ends with the file's name. */
  readonly checksums: string
  /** The program inside, when this is a tar. */
  readonly member?: string
  readonly program: string
}

/** Programs that are published one by one; pause and the provisioner are only built. */
const releasePrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubectl',
  'kubelet',
] as const

export function releaseFiles(sites: ReleaseSites, version: KubernetesVersion): readonly ReleaseFile[] {
  const bin = `${sites.kubernetes}/${version}/bin/linux/amd64`
  const etcd = `etcd-${etcdVersion}-linux-amd64`
  const coreDns = `coredns_${coreDnsVersion.slice(1)}_linux_amd64.tgz`
  return [
    ...releasePrograms.map((program) => ({ url: `${bin}/${program}`, checksums: `${bin}/${program}.sha256`, program })),
    {
      url: `${sites.etcd}/${etcdVersion}/${etcd}.tar.gz`,
      checksums: `${sites.etcd}/${etcdVersion}/SHA256SUMS`,
      member: `${etcd}/etcd`,
      program: 'etcd',
    },
    {
      url: `${sites.coreDns}/${coreDnsVersion}/${coreDns}`,
      checksums: `${sites.coreDns}/${coreDnsVersion}/${coreDns}.sha256`,
      member: 'coredns',
      program: 'coredns',
    },
  ]
}

/** Whether the sites answer within three seconds: a machine without internet finds out at once. */
export async function releaseReachable(
  sites: ReleaseSites,
  version: KubernetesVersion,
  signal: AbortSignal,
): Promise<boolean> {
  const probes = releaseFiles(sites, version).filter(({ program }) => ['kubectl', 'etcd', 'coredns'].includes(program))
  const limited = AbortSignal.any([signal, AbortSignal.timeout(3000)])
  const answers = await Promise.all(
    probes.map(
      async ({ checksums }) =>
        await fetch(checksums, { method: 'HEAD', signal: limited }).then(
          ({ ok }) => ok,
          () => false,
        ),
    ),
  )
  return answers.every((ok) => ok)
}

/** Downloads every published program into a directory. Throws `checksum-mismatch` or `download-failed`; leaves no file that was not verified. */
export async function downloadRelease(
  sites: ReleaseSites,
  version: KubernetesVersion,
  { into, work }: { readonly into: string; readonly work: WorkOptions },
): Promise<void> {
  await mkdir(into, { recursive: true })
  for (const file of releaseFiles(sites, version)) {
    work.say(`downloading ${file.url}`)
    await downloadProgram(file, into, work.signal)
  }
}

async function downloadProgram(file: ReleaseFile, into: string, signal: AbortSignal): Promise<void> {
  const expected = checksumIn(await (await get(file.checksums, signal)).text(), file.url)
  const path = join(into, `.${file.program}.download`)
  try {
    const body = (await get(file.url, signal)).body
    if (body === null) throw new CroqueError('download-failed', { what: `${file.url} has no content` })
    await pipeline(Readable.fromWeb(body), createWriteStream(path), { signal })
    const found = await digestOfFile(path)
    if (found !== expected) {
      throw new CroqueError('checksum-mismatch', {
        what: `${file.url} has SHA-256 ${found}`,
        why: `${file.checksums} says ${expected}`,
      })
    }
    const program = join(into, file.program)
    if (file.member === undefined) await run('mv', [path, program])
    else await run('tar', ['-xzf', path, '-C', into, '--no-same-owner', `--transform=s|.*/||`, file.member])
    await chmod(program, 0o755)
  } finally {
    await rm(path, { force: true })
  }
}

/** The checksum for a file in a list of them, or the only one. */
export function checksumIn(text: string, url: string): string {
  const name = url.slice(url.lastIndexOf('/') + 1)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const line =
    lines.find(([, file]) => file?.replace(/^\*/, '') === name) ?? (lines.length === 1 ? lines[0] : undefined)
  const checksum = line?.[0] ?? ''
  if (!/^[0-9a-f]{64}$/.test(checksum))
    throw new CroqueError('checksum-mismatch', { what: `there is no published SHA-256 for ${url}` })
  return checksum
}

async function get(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw new CroqueError('download-failed', { what: `${url} could not be downloaded`, why: String(cause), cause })
  })
  if (!response.ok) throw new CroqueError('download-failed', { what: `${url} answered ${response.status}` })
  return response
}
