/** A cluster that somebody else operates: looked at, asked, used; never made and never removed. */
import { CroqueError } from '../../errors/index.ts'
import { createKube, type Kube, KubeError } from '../../kube/index.ts'
import { listNodes, type NodeFacts } from '../nodes.ts'
import type { CloudNeeds, Finding, KubeAccess, Leaving, NodeAbilities, Underlay, UnderlayStatus } from '../underlay.ts'
import { openAccess, type Where } from './access.ts'
import { askNodes, knownAbilities } from './ask.ts'
import { knowsKind, observeCluster } from './facts.ts'
import { judgeCluster, judgeNodes } from './judge.ts'
import { leaveNodes } from './leave.ts'

export interface KubeconfigOptions extends Where {
  readonly namespace: string
  readonly storageClass?: string
  readonly tunnelInterface?: string
  /** The public APIs hang on a Gateway, by a TLSRoute. */
  readonly tlsRoute?: boolean
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
      ...(await looking(async (kube) => lxcOf(await listNodes(kube))).catch(() => ({}))),
      ...(options.tlsRoute === true ? await looking(servedTlsRoute).catch(() => ({})) : {}),
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

/** Newest first. The standard channel of the Gateway API has served v1 alone since 1.5; the experimental one the others, since long before. */
const tlsRouteVersions = ['v1', 'v1alpha3', 'v1alpha2'].map((version) => `gateway.networking.k8s.io/${version}`)

async function servedTlsRoute(kube: Kube): Promise<Pick<NodeAbilities, 'tlsRoute'>> {
  for (const apiVersion of tlsRouteVersions)
    if (await knowsKind(kube, { apiVersion, kind: 'TLSRoute' })) return { tlsRoute: apiVersion }
  return {}
}

/** Known by the labels alone: before a cloud has such nodes, nothing of it runs there that could be asked. */
const lxcOf = (nodes: readonly NodeFacts[]): Pick<NodeAbilities, 'lxc'> =>
  nodes.some(({ roles }) => roles.includes('compute-lxc')) ? { lxc: true } : {}

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
