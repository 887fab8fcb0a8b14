/** What the observed facts of a machine mean. Pure. */
import type { Finding, NodeNeed } from '../underlay.ts'

export interface MachineFacts {
  readonly uid: number
  readonly arch: string
  /** Bytes free where the directories of state and cache lie or will lie. */
  readonly free: readonly { readonly path: string; readonly bytes: number }[]
  readonly memory: number
  readonly processors: number
  readonly cgroup: 'v1' | 'v2' | 'none'
  /** Kernel features that were tried, with the reason where they failed. */
  readonly features: readonly { readonly name: string; readonly failure: string | undefined }[]
  readonly missingPackages: readonly string[]
  readonly hasApt: boolean
  readonly takenPorts: readonly number[]
  /** The certificate or resolver trouble met when the package mirror's name was looked up; undefined when it resolved, or a proxy does that. */
  readonly dnsFailure: string | undefined
}

const gib = 1024 ** 3
const need = { disk: 20 * gib, memory: 7 * gib, processors: 2 } as const

export function judge(facts: MachineFacts): readonly Finding[] {
  return [
    finding('root', facts.uid === 0, 'error', 'namespaces and mounts need root', 'Run it as root (sudo)'),
    finding('architecture', facts.arch === 'x64', 'error', `the images are for amd64, this machine is ${facts.arch}`),
    ...facts.free.map(({ path, bytes }) => disk(path, bytes)),
    finding(
      'memory',
      facts.memory >= need.memory,
      'warning',
      `${gigabytes(facts.memory)} of memory, ${gigabytes(need.memory)} are needed for a cloud`,
    ),
    finding(
      'processors',
      facts.processors >= need.processors,
      'warning',
      `${facts.processors} processors, ${need.processors} are needed for a bearable speed`,
    ),
    finding(
      'cgroups',
      facts.cgroup !== 'none',
      'error',
      'no control groups are mounted below /sys/fs/cgroup',
      'Boot with a kernel and an init that mount them',
    ),
    ...facts.features.map(({ name, failure }) => feature(name, failure)),
    packageFinding(facts.missingPackages, facts.hasApt),
    ...facts.takenPorts.map((port) =>
      finding(
        `port ${port}`,
        false,
        'error',
        `127.0.0.1:${port} is taken by another program`,
        'End that program or choose another port in the document',
      ),
    ),
    finding(
      'names',
      facts.dnsFailure === undefined,
      'warning',
      `the package mirror's name cannot be looked up: ${facts.dnsFailure}`,
      'Put the resolver right; with full caches it is not needed',
    ),
  ]
}

/** What the cloud needs of nodes that are containers of this machine. */
export function judgeNeed({ check, message, next, notEmbedded }: NodeNeed, there: boolean): Finding {
  if (notEmbedded === undefined) return finding(check, there, 'error', `${message} this machine`, next)
  const instead = 'Choose another backend, or a cluster that is there (spec.underlay.type: kubeconfig)'
  return finding(check, false, 'error', notEmbedded, instead)
}

/** Missing packages, which `up` installs where there is apt. */
export function packageFinding(missing: readonly string[], hasApt = true): Finding {
  const names = missing.join(' ')
  if (hasApt) return finding('packages', missing.length === 0, 'fixable', `installing with apt-get: ${names}`)
  return finding(
    'packages',
    missing.length === 0,
    'error',
    `missing: ${names}`,
    'Install them with the package manager of this machine',
  )
}

function disk(path: string, bytes: number): Finding {
  return finding(
    `disk ${path}`,
    bytes >= need.disk,
    bytes >= need.disk / 4 ? 'warning' : 'error',
    `${gigabytes(bytes)} free, ${gigabytes(need.disk)} are needed`,
    'Free some space or choose another directory',
  )
}

function feature(name: string, failure: string | undefined): Finding {
  return finding(
    `kernel ${name}`,
    failure === undefined,
    'error',
    `this kernel refuses it: ${failure}`,
    'Load the kernel module, or use another kernel',
  )
}

function finding(check: string, ok: boolean, severity: Finding['severity'], message: string, next?: string): Finding {
  if (ok) return { check, ok, severity, message: 'ok' }
  return { check, ok, severity, message, ...(next === undefined ? {} : { next }) }
}

function gigabytes(bytes: number): string {
  return `${(bytes / gib).toFixed(1)} GiB`
}
