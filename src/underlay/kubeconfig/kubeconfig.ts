/** A cluster that somebody else operates: looked at, asked, used; never made and never removed. */
import { CroqueError } from '../../errors/index.ts'
import { createKube, type Kube, KubeError } from '../../kube/index.ts'
import { listNodes } from '../nodes.ts'
import type { CloudNeeds, Finding, KubeAccess, Leaving, NodeAbilities, Underlay, UnderlayStatus } from '../underlay.ts'
import { openAccess, type Where } from './access.ts'
import { askNodes, knownAbilities } from './ask.ts'
import { observeCluster } from './facts.ts'
import { judgeCluster, judgeNodes } from './judge.ts'
import { leaveNodes } from './leave.ts'

export interface KubeconfigOptions extends Where {
  readonly namespace: string
  readonly storageClass?: string
  readonly tunnelInterface?: string
}

export function createKubeconfigUnderlay(options: KubeconfigOptions): Underlay {
  let opened: Promise<KubeAccess> | undefined
  const open = async (): Promise<KubeAccess> => {
    opened ??= openAccess(options)
    return await opened
  }
  /** Looking must not take a minute when nobody answers. */
  const looking = async <T>(work: (kube: Kube) => Promise<T>): Promise<T> => {
    const kube = createKube(await open(), { retrySeconds: 3, timeoutSeconds: 10 })
    try {
      return await work(kube)
    } finally {
      kube.close()
    }
  }
  const tunnel = options.tunnelInterface === undefined ? {} : { tunnelInterface: options.tunnelInterface }
  return {
    preflight: async (needs: CloudNeeds, signal: AbortSignal): Promise<readonly Finding[]> =>
      await looking(async (kube) => await preflight(kube, needs, { ...options, signal })),
    status: async (): Promise<UnderlayStatus> => await looking(status).catch(asStatus),
    up: async () => {
      const access = await open()
      await looking(async (kube) => await kube.rawGet('/version'))
      return access
    },
    access: async () => await open(),
    abilities: async (): Promise<NodeAbilities> => ({
      ...(await looking(async (kube) => await knownAbilities(kube, options.namespace)).catch(guess)),
      ...tunnel,
    }),
    leaveNodes: async (needs: CloudNeeds, leaving: Leaving, signal: AbortSignal) =>
      await looking(async (kube) => await leaveNodes(kube, needs, leaving, signal)),
    down: async () => undefined,
  }
}

async function preflight(
  kube: Kube,
  needs: CloudNeeds,
  options: Pick<KubeconfigOptions, 'storageClass' | 'tunnelInterface'> & { readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { storageClass, tunnelInterface, signal } = options
  const facts = await observeCluster(kube, needs, signal)
  const findings = judgeCluster({ needs, facts, ...(storageClass === undefined ? {} : { storageClass }) })
  if (findings.some(({ ok, severity }) => !ok && severity === 'error')) return [...findings, notAsked]
  const tunnel = tunnelInterface === undefined ? {} : { tunnelInterface }
  const answers = await askNodes({ kube, needs, nodes: facts.nodes ?? [], signal, ...tunnel })
  return [...findings, ...judgeNodes(answers, { ...tunnel, nodeNeeds: needs.nodeNeeds })]
}

/** A Pod is a change, and needs a namespace and permissions that may be what is missing. */
const notAsked: Finding = {
  check: 'images, kernels and KVM of the nodes',
  ok: false,
  severity: 'warning',
  message: 'the nodes are asked by Pods, once nothing else stands in the way',
}

async function status(kube: Kube): Promise<UnderlayStatus> {
  await kube.rawGet('/version')
  const nodes = await listNodes(kube).catch((error: unknown) => {
    if (error instanceof KubeError && error.status === 403) return []
    throw error
  })
  return {
    state: 'running',
    nodes: nodes
      .filter(({ roles }) => roles.length > 0)
      .map(({ name, ready, message }) => ({
        name,
        ready,
        ...(ready || message === undefined ? {} : { message }),
      })),
  }
}

function asStatus(error: unknown): UnderlayStatus {
  if (!(error instanceof CroqueError) || error.code === 'kubeconfig-invalid') throw error
  return { state: 'absent', nodes: [], message: error.why ?? error.message }
}

function guess(error: unknown): Awaited<ReturnType<typeof knownAbilities>> {
  if (error instanceof CroqueError) return { virtType: 'qemu', datapath: 'netdev' }
  throw error
}
