/** Where everything of one embedded cluster lies, and its names and addresses. Pure. */
import { join } from 'node:path'

export interface Layout {
  readonly name: string
  readonly stateDir: string
  readonly lock: string
  /** What has been made, see `record.ts`. */
  readonly record: string
  readonly kubeconfig: string
  /** Containers' state of runc. */
  readonly runc: string
  /** Network namespace that holds the bridge between the nodes. */
  readonly switchNetns: string
  readonly encryptionKey: string
  readonly logs: string
  readonly forwards: string
  readonly cgroup: string
  readonly nodes: readonly NodeLayout[]
}

/** What a node of the embedded underlay is for: the first is everything but container guests, the others are compute nodes of one kind. */
export type NodeKind = 'first' | 'compute' | 'lxc'

export interface NodeLayout {
  readonly index: number
  readonly name: string
  readonly kind: NodeKind
  readonly address: string
  /** Its end of the tunnels between guests of different nodes. */
  readonly tunnelAddress: string
  readonly podRange: string
  readonly dir: string
  /** Changes on top of the node's root file system, and overlayfs' work directory. */
  readonly upper: string
  readonly work: string
  readonly merged: string
  /** The node's /var: a plain directory, since containerd's snapshots cannot lie on overlayfs. */
  readonly data: string
  readonly netns: string
  /** Directory with runc's config.json. */
  readonly bundle: string
  readonly log: string
}

/** Address of a node; they count from 1. */
const nodeAddress = (index: number): string => `10.111.0.${index + 1}`
export const switchAddress = '10.111.0.1'
export const podRange = '10.112.0.0/16'
export const serviceRange = '10.113.0.0/16'
export const dnsAddress = '10.113.0.10'
export const apiPort = 6443
/**
 * Interface of every node whose other ends are joined. It has no address: Open vSwitch in user space takes it into a bridge of its
 * own, and a bridge's address must be the bridge's. The address that it stands for is its alias.
 */
export const tunnelInterface = 'tun0'
/** Every hierarchy's parent of our control groups. */
export const cgroupParent = '/croque'

/** How many nodes of each kind, the control plane among the plain ones. */
export interface NodeCounts {
  readonly nodes: number
  /** For container guests. @default 0 */
  readonly lxcNodes?: number
}

/** Addresses of nodes for container guests begin behind those of all others, so that neither number moves a node of the other kind. */
const firstLxc = 101

/** The layout of a cluster with so many nodes; the first is the control plane. */
export function layoutOf(name: string, stateDir: string, { nodes, lxcNodes = 0 }: NodeCounts): Layout {
  return {
    name,
    stateDir,
    lock: join(stateDir, 'lock'),
    record: join(stateDir, 'underlay.json'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    runc: join(stateDir, 'runc'),
    switchNetns: join(stateDir, 'netns', 'switch'),
    encryptionKey: join(stateDir, 'encryption-key'),
    logs: join(stateDir, 'logs'),
    forwards: join(stateDir, 'forwards'),
    cgroup: `${cgroupParent}/${name}`,
    nodes: [
      ...Array.from({ length: nodes }, (_, index) =>
        nodeLayout(stateDir, {
          index: index + 1,
          name: `${name}-${index + 1}`,
          kind: index === 0 ? 'first' : 'compute',
        }),
      ),
      ...Array.from({ length: lxcNodes }, (_, index) =>
        nodeLayout(stateDir, { index: firstLxc + index, name: lxcName(name, index + 1), kind: 'lxc' }),
      ),
    ],
  }
}

const lxcName = (cluster: string, number: number | ''): string => `${cluster}-lxc-${number}`

/** How many of each kind the names tell. Pure. */
export function countNodes(cluster: string, names: readonly string[]): Required<NodeCounts> {
  const lxcNodes = names.filter((name) => name.startsWith(lxcName(cluster, ''))).length
  return { nodes: names.length - lxcNodes, lxcNodes }
}

/** The kubectl that the nodes were made with. */
export const kubectlOf = ({ nodes }: Layout): string => join(nodes[0]?.upper ?? '', 'usr/local/bin/kubectl')

function nodeLayout(stateDir: string, own: Pick<NodeLayout, 'index' | 'name' | 'kind'>): NodeLayout {
  const { index, name } = own
  const dir = join(stateDir, 'nodes', name)
  return {
    ...own,
    address: nodeAddress(index),
    tunnelAddress: `10.114.0.${index + 1}`,
    podRange: `10.112.${index - 1}.0/24`,
    dir,
    upper: join(dir, 'upper'),
    work: join(dir, 'work'),
    merged: join(dir, 'merged'),
    data: join(dir, 'var'),
    netns: join(stateDir, 'netns', name),
    bundle: join(dir, 'bundle'),
    log: join(stateDir, 'logs', `${name}.log`),
  }
}
