/**
 * How Pods of different nodes reach each other. Behind a router of its own a cluster has routes there, and no overlay runs on the overlay.
 * On a network that was given, routes are somebody else's: there all Pods share one broadcast domain, a bridge on each node and a vxlan
 * between them. Its group is a multicast address, so no node has to know the others; the security group lets in those of this cluster alone.
 */
import type { Brought } from './addons/index.ts'
import { addressIn } from './layout.ts'

export interface PodsNetwork {
  /** Of the node, on the network of the cluster. */
  readonly address: string
  /** The node's part of the Pods' addresses. */
  readonly podRange: string
  readonly ranges: { readonly pods: string }
  /** An add-on that connects Pods, where one does: it brings its plugin to the node by itself. */
  readonly network?: Brought
  /** Number and group of the vxlan; undefined where the router leads to Pods. */
  readonly overlay?: Overlay
}

export interface Overlay {
  readonly id: number
  readonly group: string
}

/** Another for each cluster, so that two on one network do not hear each other's questions. */
export function overlayOf(clusterId: string): Overlay {
  const id = (Number.parseInt(clusterId.replaceAll('-', '').slice(0, 6), 16) % 0xff_ff_fe) + 1
  return { id, group: `239.${[16, 8, 0].map((bits) => (id >> bits) & 255).join('.')}` }
}

const rulesFile = '/etc/croque/pods.nft'
const scriptFile = '/etc/croque/pods-network'
const cniFile = '/etc/cni/net.d/10-pods.conflist'
const cniDraft = '/etc/croque/pods.conflist'
export const podsUnit = 'croque-pods.service'

export function podsFiles(node: PodsNetwork): Readonly<Record<string, string>> {
  const { overlay, network } = node
  const shared = { [rulesFile]: rules(node), [`/etc/systemd/system/${podsUnit}`]: unit(overlay !== undefined) }
  if (network !== undefined) return shared
  if (overlay === undefined) return { ...shared, [cniFile]: JSON.stringify(routedConfig(node), null, 2) }
  return {
    ...shared,
    [cniDraft]: JSON.stringify(sharedConfig(node), null, 2),
    [scriptFile]: script(node, overlay),
  }
}

const plugins = (bridge: object, range: object): object => ({
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ...bridge,
      ipam: { type: 'host-local', ranges: [[range]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
})

/** Pods keep their addresses on the way to other nodes. */
const routedConfig = ({ podRange }: PodsNetwork): object => plugins({}, { subnet: podRange })

/** Pods believe that all the others are beside them, and have their own node as the way out. */
const sharedConfig = ({ podRange, ranges }: PodsNetwork): object =>
  plugins(
    { mtu: mtuMark },
    {
      subnet: ranges.pods,
      rangeStart: addressIn(podRange, 2),
      rangeEnd: addressIn(podRange, sizeOf(podRange) - 2),
      gateway: addressIn(podRange, 1),
    },
  )

const mtuMark = '@mtu@'
const lengthOf = (range: string): string => range.replace(/^.*\//, '')
const sizeOf = (range: string): number => 2 ** (32 - Number(lengthOf(range)))

/** May be run again. The bridge has an address of its own, not that of whichever Pod came first: neighbours remember it. */
const script = ({ address, podRange, ranges }: PodsNetwork, { id, group }: Overlay): string => `#!/bin/sh
set -eu
device=$(ip -o -4 address show to ${address} | sed -n '1s,^[0-9]*: \\([^ ]*\\) .*,\\1,p')
[ -n "$device" ] || { echo "no device has the address ${address}" >&2; exit 1; }
fact() { ip -o link show dev "$1" | sed -n "s,.* $2 \\([^ ]*\\) .*,\\1,p"; }
is_there() { ip link show dev "$1" > /dev/null 2>&1; }
mtu=$(($(fact "$device" mtu) - 50))
is_there pods0 || ip link add pods0 type vxlan id ${id} group ${group} dev "$device" dstport 8472
is_there cni0 || ip link add cni0 address "$(fact pods0 link/ether)" type bridge
ip link set pods0 mtu "$mtu" master cni0 up
ip link set cni0 mtu "$mtu" up
ip address replace ${addressIn(podRange, 1)}/${lengthOf(ranges.pods)} dev cni0
sed "s/\\"${mtuMark}\\"/$mtu/" ${cniDraft} > ${cniFile}
`

/** To the world outside Pods are their node: the router there knows no others. */
const rules = ({ podRange, ranges, network }: PodsNetwork): string => `table ip croque-pods
delete table ip croque-pods
table ip croque-pods {
  chain out {
    type nat hook postrouting priority srcnat
    ip saddr ${network === undefined ? podRange : ranges.pods} ip daddr != ${ranges.pods} masquerade
  }
}
`

const unit = (isShared: boolean): string => `[Unit]
Description=Addresses of Pods on their way out
Before=containerd.service
${isShared ? 'Wants=network-online.target\nAfter=network-online.target\n' : ''}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${rulesFile}
${isShared ? `ExecStart=/bin/sh ${scriptFile}\n` : ''}
[Install]
WantedBy=multi-user.target
`
