/** kubectl on this machine, the one that the nodes were made with. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../../errors/index.ts'
import { type RunOptions, run } from '../../host/index.ts'
import { kubectlOf, type Layout } from './layout.ts'

/** Runs kubectl against the cluster and returns its standard output. */
export async function kubectl(layout: Layout, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return (
    await run(
      kubectlOf(layout),
      [`--kubeconfig=${layout.kubeconfig}`, `--cache-dir=${join(layout.stateDir, 'kubectl-cache')}`, ...args],
      options,
    )
  ).stdout
}

export interface NodeCondition {
  readonly name: string
  readonly ready: boolean
  readonly message: string
  /** When the kubelet last said that it lives, in milliseconds of the epoch. */
  readonly renewed: number
}

/** The nodes with their readiness; a node whose kubelet has been silent for 40 s counts as not ready. */
export async function nodeConditions(layout: Layout, options: RunOptions = {}): Promise<readonly NodeCondition[]> {
  const text = await kubectl(
    layout,
    ['get', 'nodes,leases', '--namespace=kube-node-lease', '--output=json', '--request-timeout=5s'],
    options,
  )
  return parseNodeConditions(text)
}

interface Listed {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly renewTime?: string }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  }
}

export function parseNodeConditions(text: string): readonly NodeCondition[] {
  const { items } = JSON.parse(text) as { readonly items: readonly Listed[] }
  const renewals = new Map(
    items
      .filter(({ kind }) => kind === 'Lease')
      .map((lease) => [lease.metadata.name, Date.parse(lease.spec?.renewTime ?? '')]),
  )
  return items
    .filter(({ kind }) => kind === 'Node')
    .map((node) => {
      const condition = node.status?.conditions?.find(({ type }) => type === 'Ready')
      return {
        name: node.metadata.name,
        ready: condition?.status === 'True',
        message: condition?.message ?? 'the kubelet has not reported yet',
        renewed: renewals.get(node.metadata.name) ?? 0,
      }
    })
}

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly say: (message: string) => void
  readonly seconds: number
}

/** Waits until the API server answers that it is ready. */
export async function untilApiReady(layout: Layout, wait: WaitOptions): Promise<void> {
  wait.say('waiting for the API server')
  await until('the API server', { ...wait, say: () => undefined }, async () => {
    await kubectl(layout, ['get', '--raw=/readyz', '--request-timeout=3s'], { signal: wait.signal })
    return undefined
  })
}

/** Waits until all the nodes are ready and their kubelets have reported after `since` (milliseconds of the epoch). */
export async function untilNodesReady(layout: Layout, since: number, wait: WaitOptions): Promise<void> {
  await until('the nodes', wait, async () => {
    const found = new Map((await nodeConditions(layout, { signal: wait.signal })).map((node) => [node.name, node]))
    const late = layout.nodes
      .map(({ name }) => ({ name, node: found.get(name) }))
      .find(({ node }) => node === undefined || !node.ready || node.renewed < since)
    if (late === undefined) return undefined
    return `${late.name} is not ready: ${late.node?.ready === true ? 'its kubelet has not come back yet' : (late.node?.message ?? 'it has not registered yet')}`
  })
}

interface ListedPod {
  readonly metadata: { readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: { readonly startedAt: string } } }[]
  }
}

/** How many Pods of these nodes still show a container as running that was started before `since`; Kubernetes' times are whole seconds. */
export function countStalePods(text: string, nodes: ReadonlySet<string>, since: number): number {
  const { items } = JSON.parse(text) as { readonly items: readonly ListedPod[] }
  const oldest = Math.floor(since / 1000) * 1000
  return items.filter(
    ({ metadata, spec, status }) =>
      metadata.deletionTimestamp === undefined &&
      nodes.has(spec.nodeName ?? '') &&
      status.containerStatuses?.some(({ state }) => Date.parse(state?.running?.startedAt ?? '') < oldest) === true,
  ).length
}

/**
 * Waits until the kubelets of nodes that were started at `since` have said of every Pod how it is now. Before that the cluster shows
 * Pods as ready that ended with their node, and everything that waits for them would go on at once.
 */
export async function untilPodsTold(
  layout: Layout,
  nodes: ReadonlySet<string>,
  since: number,
  wait: WaitOptions,
): Promise<void> {
  await until('the Pods', wait, async () => {
    const text = await kubectl(layout, ['get', 'pods', '--all-namespaces', '--output=json', '--request-timeout=5s'], {
      signal: wait.signal,
    })
    const stale = countStalePods(text, nodes, since)
    return stale === 0 ? undefined : `${stale} Pods are shown as they were before their node was started`
  })
}

/** Calls `look` until it returns undefined; what it returns or throws is the reason for waiting on. */
async function until(
  what: string,
  { signal, say, seconds }: WaitOptions,
  look: () => Promise<string | undefined>,
): Promise<void> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const reason = await look().catch((error: unknown) => {
      if (signal.aborted) throw error
      return error instanceof CroqueError ? (error.why ?? error.message) : String(error)
    })
    if (reason === undefined) return
    say(reason)
    if (Date.now() > end)
      throw new CroqueError('underlay-not-ready', {
        what: `${what} did not become ready within ${seconds} s`,
        why: reason,
      })
    await sleep(300, undefined, { signal })
  }
}
