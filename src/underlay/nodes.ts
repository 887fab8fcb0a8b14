/** The nodes of a cluster, as far as a cloud cares for them; the same on every kind of underlay. */
import type { Kube, KubeObject } from '../kube/index.ts'
import { rolesOf } from './roles.ts'

export interface NodeFacts {
  readonly name: string
  readonly roles: readonly string[]
  readonly ready: boolean
  readonly message?: string
  /** Nothing is scheduled to it: somebody has said so. */
  readonly cordoned: boolean
  /** Taints that keep Pods without tolerations away: `key=value:effect`. */
  readonly taints: readonly string[]
  readonly controlPlane: boolean
  /** `linux/amd64` */
  readonly platform: string
  readonly processors: number
  /** MiB */
  readonly memory: number
  /** Changes when the node boots, and with it what its kernel can do. */
  readonly boot: string
  /** What network plugins write there. */
  readonly annotations: readonly string[]
}

interface Node extends KubeObject {
  readonly spec?: {
    readonly unschedulable?: boolean
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
    readonly allocatable?: { readonly cpu?: string; readonly memory?: string }
    readonly nodeInfo?: { readonly architecture: string; readonly operatingSystem: string; readonly bootID: string }
  }
}

export async function listNodes(kube: Kube, signal?: AbortSignal): Promise<readonly NodeFacts[]> {
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Node' }, signal === undefined ? {} : { signal })
  return items.map(nodeFacts)
}

function nodeFacts(node: Node): NodeFacts {
  const { metadata, spec, status } = node
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    name: metadata.name,
    roles: rolesOf(metadata.labels),
    ready: ready?.status === 'True',
    ...(ready?.message === undefined ? {} : { message: ready.message }),
    cordoned: spec?.unschedulable === true,
    taints: (spec?.taints ?? [])
      .filter(({ effect, key }) => effect !== 'PreferNoSchedule' && !key.startsWith('node.kubernetes.io/'))
      .map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`),
    controlPlane: metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
    platform: `${status?.nodeInfo?.operatingSystem ?? '?'}/${status?.nodeInfo?.architecture ?? '?'}`,
    processors: processors(status?.allocatable?.cpu ?? '0'),
    memory: mebibytes(status?.allocatable?.memory ?? '0'),
    boot: status?.nodeInfo?.bootID ?? '',
    annotations: Object.keys(metadata.annotations ?? {}),
  }
}

/** `2` and `1930m`. */
const processors = (quantity: string): number =>
  quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity)

const units: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

function mebibytes(quantity: string): number {
  const [, number = '0', unit = ''] = /^(\d+)([KMGT]i)?$/.exec(quantity) ?? []
  return Math.floor((Number(number) * (units[unit] ?? 1)) / 2 ** 20)
}

/** Whether Pods can start on it now. */
export const takesPods = (node: NodeFacts): boolean => node.ready && !node.cordoned && node.taints.length === 0
