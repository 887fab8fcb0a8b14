/**
 * The nodes' network: a bridge in a namespace of its own (the switch) and a veth from there into every node's namespace.
 * The switch is the nodes' default route and forwards nothing: nothing of ours can leave the machine.
 * A second bridge carries the tunnels between the nodes' guests; see {@link tunnelInterface}.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { mounts, run } from '../../host/index.ts'
import { apiPort, type Layout, type NodeLayout, switchAddress, tunnelInterface } from './layout.ts'

/** Makes what is missing of the switch and the nodes' namespaces. Idempotent. */
export async function ensureNetwork(layout: Layout): Promise<void> {
  await ensureNamespace(layout.switchNetns)
  await inNamespace(layout.switchNetns, switchScript)
  for (const node of layout.nodes) {
    await ensureNamespace(node.netns)
    await inNamespace(layout.switchNetns, plugScript(node))
    await inNamespace(node.netns, nodeScript(layout, node))
  }
}

/**
 * Takes away what Pods left in the namespace of a node that is not running, as a start of a machine does. The kernel takes away the
 * links of a Pod that ended some time later, and with them the routes to its address, which may be a new Pod's by then.
 */
export async function unplugPods(node: NodeLayout): Promise<void> {
  await inNamespace(node.netns, unplugScript)
}

/** Gives the switch an address. Idempotent. */
export async function haveAddress(layout: Layout, address: string): Promise<void> {
  if (address !== switchAddress) await inNamespace(layout.switchNetns, `ip address replace ${address}/32 dev lo`)
}

const switchScript = `
echo 0 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link show nodes >/dev/null 2>&1 || ip link add nodes type bridge
ip address replace ${switchAddress}/24 dev nodes
ip link set nodes up
ip link show tunnels >/dev/null 2>&1 || ip link add tunnels type bridge
ip link set tunnels up
`

/** The node's namespace is given as a path, which ip-link takes in place of a name. */
function plugScript(node: NodeLayout): string {
  return `
ip link show ${port(node)} >/dev/null 2>&1 || ip link add ${port(node)} type veth peer name eth0 netns ${node.netns}
ip link set ${port(node)} master nodes up
ip link show ${port(node)}t >/dev/null 2>&1 || ip link add ${port(node)}t type veth peer name ${tunnelInterface} netns ${node.netns}
ip link set ${port(node)}t master tunnels up
`
}

/** Each may be gone before its turn, as the kernel is at it too. */
const unplugScript = `
ip -oneline link show type veth | sed -n 's/^[0-9]*: \\(veth[^@:]*\\).*/\\1/p' | while read -r link; do
  ip link delete "$link" 2>/dev/null || [ ! -e "/proc/sys/net/ipv4/conf/$link" ]
done
`

/** Addresses of Pods that are gone are refused at once; by the default route nobody would ever hear of such a connection again. */
function nodeScript(layout: Layout, node: NodeLayout): string {
  const peers = layout.nodes.filter(({ index }) => index !== node.index)
  return `
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
ip address replace ${node.address}/24 dev eth0
ip link set eth0 up
ip route replace default via ${switchAddress}
ip route replace unreachable ${node.podRange}
ip link set ${tunnelInterface} alias ${node.tunnelAddress}/24 up
${peers.map((peer) => `ip route replace ${peer.podRange} via ${peer.address}`).join('\n')}
`
}

/** Where a node's API server or Service is reached from inside its namespace. */
export function apiTarget(layout: Layout): string {
  return `${layout.nodes[0]?.address ?? '127.0.0.1'}:${apiPort}`
}

function port(node: NodeLayout): string {
  return `node${node.index}`
}

async function ensureNamespace(path: string): Promise<void> {
  if ((await mounts()).some(({ mountPoint, fsType }) => mountPoint === path && fsType === 'nsfs')) return
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, '')
  await run('unshare', [`--net=${path}`, 'true'])
}

async function inNamespace(path: string, script: string): Promise<void> {
  await run('nsenter', [`--net=${path}`, 'sh', '-eu'], { input: script })
}
