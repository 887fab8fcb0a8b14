/** One node container: its files, its start, programs run inside it, its end. */
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../../errors/index.ts'
import { digestOf, lastLines, type RunOptions, type RunResult, removeTree, run } from '../../host/index.ts'
import { type Binaries, copyContainerdRoot, programs } from '../../images/index.ts'
import { boundingSet } from './capabilities.ts'
import { containerConfig } from './container.ts'
import type { Layout, NodeLayout } from './layout.ts'
import { unplugPods } from './network.ts'
import { cniConfig, hostsFile } from './node-files.ts'

export interface NodeParts {
  readonly rootfs: string
  readonly binaries: Binaries
  /** A filled containerd root to start from; without one the node starts empty. */
  readonly store: string | undefined
  readonly repoDir: string
  readonly kvm: boolean
  /** Further files of the node, by absolute path. */
  readonly files: Readonly<{ [path: string]: string }>
}

/** Makes the directories of a node that was never made, or only half. A node once made is left as it is. */
export async function createNode(node: NodeLayout, parts: NodeParts): Promise<void> {
  if (existsSync(node.dir)) return
  const partial = `${node.dir}.partial`
  await removeTree(partial)
  const at = (path: string): string => join(partial, path.slice(node.dir.length))
  for (const path of [node.upper, node.work, node.merged, node.bundle]) await mkdir(at(path), { recursive: true })
  await run('cp', ['-a', join(parts.rootfs, 'var'), at(node.data)])
  if (parts.store !== undefined) await copyContainerdRoot(parts.store, join(at(node.data), 'lib/containerd'))
  const bin = join(at(node.upper), 'usr/local/bin')
  await mkdir(bin, { recursive: true })
  const files = ['kubernetes', 'kubectl', ...programs]
    .map((name) => join(parts.binaries.dir, name))
    .filter((path) => existsSync(path))
  await run('cp', ['-a', '--link', ...files, bin]).catch(async () => await run('cp', ['-a', ...files, bin]))
  await rename(partial, node.dir)
}

/** Starts the node's container unless it is running; returns whether it had to be started. Its network namespace must be there. */
export async function startNode(layout: Layout, node: NodeLayout, parts: NodeParts): Promise<boolean> {
  const state = await containerState(layout, node)
  if (state === 'running') return false
  if (state !== 'absent') await run('runc', ['--root', layout.runc, 'delete', '--force', node.name])
  await unplugPods(node)
  const capabilities = boundingSet(await readFile('/proc/self/status', 'utf8'))
  const config = containerConfig({
    node,
    cgroup: `${layout.cgroup}/${node.name}`,
    capabilities,
    kvm: parts.kvm,
    modules: existsSync('/lib/modules'),
  })
  await mkdir(layout.runc, { recursive: true, mode: 0o700 })
  await mkdir(layout.logs, { recursive: true, mode: 0o700 })
  await writeFile(join(node.bundle, 'config.json'), JSON.stringify(config, null, 1))
  await writeNodeFiles(layout, node, parts)
  await run('unshare', [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-euc',
    startScript,
    'start-node',
    parts.rootfs,
    node.upper,
    node.work,
    node.merged,
    layout.runc,
    node.bundle,
    node.name,
    node.log,
  ]).catch(async (cause: unknown) => {
    const log = await readFile(node.log, 'utf8').catch(() => '')
    throw new CroqueError('node-not-started', {
      what: `the node container ${node.name} did not start`,
      why: lastLines(log, 15),
      cause,
    })
  })
  return true
}

/**
 * The overlay is mounted in a mount namespace that only the container's start lives in: it goes with the container, however that ends.
 * Output goes to a file, since the container inherits it.
 */
const startScript = `
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"
exec runc --root "$5" run --detach --bundle "$6" "$7" </dev/null >>"$8" 2>&1
`

async function writeNodeFiles(layout: Layout, node: NodeLayout, parts: NodeParts): Promise<void> {
  const machineId = digestOf([layout.stateDir, node.name]).slice(0, 32)
  const texts: Readonly<{ [path: string]: string }> = {
    '/etc/hostname': `${node.name}\n`,
    '/etc/hosts': hostsFile(layout, node),
    '/etc/resolv.conf':
      '# Names of the cluster are looked up by its Pods through CoreDNS; nothing else can be reached.\n',
    '/etc/machine-id': `${machineId}\n`,
    '/etc/cni/net.d/10-croque.conflist': cniConfig(node),
    ...parts.files,
  }
  for (const [path, text] of Object.entries(texts))
    await put(join(node.upper, path), async (to) => await writeFile(to, text))
  const statics = {
    'node-init': '/usr/lib/croque/node-init',
    'containerd.toml': '/etc/croque/containerd.toml',
    'masquerade.nft': '/etc/croque/masquerade.nft',
  }
  for (const [file, path] of Object.entries(statics)) {
    await put(join(node.upper, path), async (to) => await copyFile(join(parts.repoDir, 'images/node', file), to))
  }
  await chmod(join(node.upper, '/usr/lib/croque/node-init'), 0o755)
}

async function put(path: string, write: (path: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await write(path)
}

/** What runc says about the node's container. */
export async function containerState(layout: Layout, node: NodeLayout): Promise<string> {
  const result = await run('runc', ['--root', layout.runc, 'state', node.name], { okCodes: [0, 1] })
  if (result.code !== 0) return 'absent'
  return (JSON.parse(result.stdout) as { readonly status: string }).status
}

/** Runs a program inside the node. */
export async function inNode(
  layout: Layout,
  node: NodeLayout,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return await run('runc', ['--root', layout.runc, 'exec', node.name, ...command], options)
}

/** Waits until a program inside the node succeeds; throws `node-not-started` with its last output after `seconds`. */
export async function untilInNode(
  layout: Layout,
  node: NodeLayout,
  command: readonly string[],
  limit: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<void> {
  const end = Date.now() + limit.seconds * 1000
  const okCodes = Array.from({ length: 256 }, (_, code) => code)
  for (;;) {
    const result = await inNode(layout, node, command, { signal: limit.signal, okCodes })
    if (result.code === 0) return
    if (Date.now() > end) {
      throw new CroqueError('node-not-started', {
        what: `${command.join(' ')} does not succeed in ${node.name}`,
        why: lastLines(result.stderr + result.stdout, 10),
      })
    }
    await sleep(200, undefined, { signal: limit.signal })
  }
}

/** Ends the container at once with everything in it. Idempotent. */
export async function deleteContainer(layout: Layout, node: NodeLayout): Promise<void> {
  await run('runc', ['--root', layout.runc, 'delete', '--force', node.name], { okCodes: [0, 1] })
}
