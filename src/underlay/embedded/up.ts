/** Makes the cluster, or brings the same one back. Every step looks at what is there first, so it can be killed anywhere and run again. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CroqueError } from '../../errors/index.ts'
import { digestOf, readFileIfThere, removeTree, writeFileAtomically } from '../../host/index.ts'
import { ensureBinaries, ensureRootfs, ensureStore, ensureSystemImages, underlayImages } from '../../images/index.ts'
import type { KubeAccess, StepReporter } from '../underlay.ts'
import { hostKubeconfig, readAccess } from './access.ts'
import { addons } from './addons.ts'
import { rememberCloud } from './clouds.ts'
import type { EmbeddedOptions } from './context.ts'
import { apiForward, ensureForward } from './forward.ts'
import { initConfig, joinConfig, patches } from './kubeadm.ts'
import { kubectl, untilApiReady, untilNodesReady, untilPodsTold } from './kubectl.ts'
import { kvmUsable } from './kvm.ts'
import type { Layout, NodeLayout } from './layout.ts'
import { apiTarget, ensureNetwork } from './network.ts'
import { createNode, deleteContainer, inNode, type NodeParts, startNode, untilInNode } from './node.ts'
import { auditPolicy, encryptionConfig } from './node-files.ts'
import { type Record, readRecord, writeRecord } from './record.ts'
import { ensureRegistry, withoutRegistry } from './registry.ts'
import { nodePackages } from './settings.ts'

const admin = 'etc/kubernetes/admin.conf'

export interface UpInput {
  readonly options: EmbeddedOptions
  readonly layout: Layout
  readonly report: StepReporter
  readonly signal: AbortSignal
}

/** The caller holds the lock. */
export async function bringUp(input: UpInput): Promise<KubeAccess> {
  const { options, layout, report, signal } = input
  const before = await readRecord(layout)
  const isMember = (record: Record | undefined, node: NodeLayout): boolean =>
    record?.members.includes(node.name) === true
  const parts = await gatherParts(
    input,
    before,
    layout.nodes.every((node) => isMember(before, node)),
  )
  let record: Record = before ?? {
    version: 1,
    apiPort: options.apiPort,
    rootfs: parts.rootfs,
    binaries: parts.binaries.digest,
    members: [],
    addons: '',
  }
  await writeRecord(layout, record)
  await rememberCloud(options)

  const since = Date.now()
  const started = await report.step('nodes', async (say) => {
    for (const node of layout.nodes) if (!isMember(record, node)) await discardNode(layout, node)
    say('plugging the network')
    await ensureNetwork(layout)
    const starts = await Promise.all(
      layout.nodes.map(async (node) => {
        await createNode(node, parts)
        const fresh = await startNode(layout, node, parts)
        if (fresh) await untilInNode(layout, node, ['ctr', 'version'], { seconds: 60, signal })
        return fresh ? [node.name] : []
      }),
    )
    return starts.flat()
  })

  const { registry } = options
  if (registry === undefined) await withoutRegistry(layout)
  else await report.step('registry', async () => await ensureRegistry(layout, registry, signal))

  const first = layout.nodes[0]
  if (first === undefined) throw new CroqueError('internal', { what: 'a cluster without nodes' })
  if (!isMember(record, first))
    await report.step('control-plane', async (say) => await initialise(layout, first, signal, say))
  await publishAccess(layout, first, record.apiPort)
  record = await remember(layout, record, first)
  await report.step('api', async (say) => {
    await ensureForward(layout, { name: apiForward, hostPort: record.apiPort, target: apiTarget(layout) })
    await untilApiReady(layout, { signal, say, seconds: 180 })
  })

  const objects = addons()
  const addonsDigest = digestOf([objects])
  if (record.addons !== addonsDigest) {
    await report.step('addons', async () => {
      await kubectl(
        layout,
        ['apply', '--server-side', '--force-conflicts', '--field-manager=croque-underlay', '-f', '-'],
        { input: objects, signal },
      )
    })
    record = { ...record, addons: addonsDigest }
    await writeRecord(layout, record)
  }
  for (const node of layout.nodes.slice(1)) {
    if (isMember(record, node)) continue
    await report.step(`join-${node.name}`, async () => await join_(layout, first, node, signal))
    record = await remember(layout, record, node)
  }
  // Nodes that were members before come back with what the cluster last knew of them.
  const back = new Set(started.filter((name) => before?.members.includes(name)))
  await report.step('ready', async (say) => {
    await untilNodesReady(layout, back.size > 0 ? since : 0, { signal, say, seconds: 240 })
    if (back.size > 0) await untilPodsTold(layout, back, since, { signal, say, seconds: 240 })
  })
  const access = await readAccess(layout)
  if (access === undefined) throw new CroqueError('internal', { what: `${layout.kubeconfig} is not there after up` })
  return access
}

/** Root file system, programs and unpacked images: made at once; a cluster that is complete only needs its root file system. */
async function gatherParts(
  { options, report, signal }: UpInput,
  record: Record | undefined,
  complete: boolean,
): Promise<NodeParts> {
  const rootfs = report.step('root-file-system', async (say) => {
    if (record !== undefined && existsSync(record.rootfs)) return record.rootfs
    return await ensureRootfs(options, { signal, say }, nodePackages)
  })
  const binaries = complete
    ? Promise.resolve({ dir: '', digest: record?.binaries ?? '' })
    : report.step('kubernetes-binaries', async (say) => await ensureBinaries(options, { signal, say }))
  const [kvm, key] = await Promise.all([kvmUsable(options.cacheDir, signal), encryptionKey(options.stateDir)])
  const settled = { rootfs: await rootfs, binaries: await binaries }
  const store = complete
    ? undefined
    : await report.step('node-images', async (say) => {
        const system = await ensureSystemImages(settled.binaries, { rootfs: settled.rootfs, images: underlayImages })
        return await ensureStore(
          { ...options, rootfs: settled.rootfs },
          [...system, ...(options.readyImages?.() ?? [])],
          { signal, say },
        )
      })
  const patchFiles = Object.fromEntries(
    Object.entries(patches()).map(([name, text]) => [`/etc/croque/patches/${name}`, text]),
  )
  return {
    ...settled,
    store,
    repoDir: options.repoDir,
    kvm,
    files: {
      ...patchFiles,
      '/etc/croque/encryption/config.yaml': encryptionConfig(key),
      '/etc/croque/audit/policy.yaml': auditPolicy(),
    },
  }
}

async function encryptionKey(stateDir: string): Promise<string> {
  const path = join(stateDir, 'encryption-key')
  const there = await readFileIfThere(path)
  if (there !== undefined) return there.trim()
  const key = randomBytes(32).toString('base64')
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  await writeFileAtomically(path, `${key}\n`)
  return key
}

/** A node that never became a member holds nothing worth keeping. */
async function discardNode(layout: Layout, node: NodeLayout): Promise<void> {
  if (!existsSync(node.dir)) return
  await deleteContainer(layout, node)
  await removeTree(node.dir)
}

async function initialise(
  layout: Layout,
  node: NodeLayout,
  signal: AbortSignal,
  say: (message: string) => void,
): Promise<void> {
  await writeFileAtomically(join(node.upper, 'etc/croque/kubeadm.yaml'), initConfig(layout.name, node))
  await inNode(
    layout,
    node,
    ['kubeadm', 'init', '--config=/etc/croque/kubeadm.yaml', '--skip-phases=preflight,addon/coredns'],
    { signal, onLine: (line) => sayPhase(line, say) },
  )
}

/** Only what kubeadm does, never what it prints for people: that has the bootstrap token in it. */
function sayPhase(line: string, say: (message: string) => void): void {
  const phase = /^\[([a-z-]+)\] /.exec(line)?.[1]
  if (phase !== undefined) say(`kubeadm: ${phase}`)
}

async function join_(layout: Layout, first: NodeLayout, node: NodeLayout, signal: AbortSignal): Promise<void> {
  await kubectl(layout, ['delete', 'node', node.name, '--ignore-not-found'], { signal })
  const command = (
    await inNode(layout, first, ['kubeadm', 'token', 'create', '--ttl=15m', '--print-join-command'], { signal })
  ).stdout
  const [server, token, caHash] = [/join (\S+)/, /--token (\S+)/, /--discovery-token-ca-cert-hash (\S+)/].map(
    (pattern) => pattern.exec(command)?.[1],
  )
  if (server === undefined || token === undefined || caHash === undefined) {
    throw new CroqueError('internal', { what: 'kubeadm printed no join command' })
  }
  await writeFileAtomically(join(node.upper, 'etc/croque/kubeadm.yaml'), joinConfig(node, { server, token, caHash }))
  await inNode(layout, node, ['kubeadm', 'join', '--config=/etc/croque/kubeadm.yaml', '--skip-phases=preflight'], {
    signal,
  })
}

async function publishAccess(layout: Layout, node: NodeLayout, port: number): Promise<void> {
  const text = hostKubeconfig(await readFile(join(node.upper, admin), 'utf8'), { name: layout.name, port })
  if ((await readFileIfThere(layout.kubeconfig)) !== text) await writeFileAtomically(layout.kubeconfig, text)
}

async function remember(layout: Layout, record: Record, node: NodeLayout): Promise<Record> {
  if (record.members.includes(node.name)) return record
  const next = { ...record, members: [...record.members, node.name] }
  await writeRecord(layout, next)
  return next
}
