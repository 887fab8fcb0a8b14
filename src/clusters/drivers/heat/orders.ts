/** What each node of a Kubernetes cluster is told to do once it is there. Pure: the same for the same. */
import { createHash } from 'node:crypto'
import { type NodeOrders, papersOf } from '../../nodes/index.ts'
import { addressIn } from './layout.ts'
import { masterFiles, type OrderedNode, workerFiles } from './node-files.ts'
import { podsUnit } from './pods.ts'

/** Seconds. Masters are waited for one after the other. */
export const pauses = { master: 3, worker: 30 } as const

/** What it is told when it is admitted: but for what comes up later that stays as it is. */
export function ordersOf(node: OrderedNode): NodeOrders {
  return revised(firstOrders(node), {})
}

/** The same with other things to do later, other secret files, or files of add-ons. */
export function revised(
  orders: Omit<NodeOrders, 'revision'>,
  news: Partial<Pick<NodeOrders, 'later' | 'secrets' | 'files'>>,
): NodeOrders {
  const { revision: _, ...said } = { revision: '', ...orders, ...news }
  return { ...said, revision: createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32) }
}

/** The same files with other ones in this directory. */
export const filesWith = (
  files: NodeOrders['files'],
  directory: string,
  brought: NodeOrders['files'],
): NodeOrders['files'] => ({
  ...Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith(`${directory}/`))),
  ...brought,
})

/** What a master that stays does for others: forgets those who leave, by address; brings the add-ons of its version. */
export const masterActs = {
  forget: (address: string): readonly string[] => [controlPlaneProgram, 'forget', address],
  addOns: (): readonly string[] => [controlPlaneProgram, 'add-ons'],
  /** Who leaves gives the address of the API away first. */
  release: (): readonly string[] => ['systemctl', 'disable', '--now', 'keepalived.service'],
} as const

function firstOrders(node: OrderedNode): Omit<NodeOrders, 'revision'> {
  const { ranges, api, settings } = node
  const facts = { name: node.name, role: node.role, addresses: [node.address] }
  const controlPlane = {
    apiNames: [api.address, ...node.apiNames, ...settings.controlPlane.apiNames],
    serviceAddress: addressIn(ranges.services, 1),
    dnsDomain: ranges.dnsDomain,
    ownServer: `https://${node.address}:${api.port}`,
  }
  return {
    name: node.name,
    role: node.role,
    address: node.address,
    version: node.kubernetesVersion,
    founds: node.founds,
    pause: pauses[node.role],
    server: `https://${api.address}:${api.port}`,
    files: {
      ...(node.role === 'master' ? masterFiles(node) : workerFiles(node)),
      ...(node.founds ? node.network?.files : {}),
    },
    commands: [
      ...volumeCommands(node, ['containerd.service']),
      ['systemctl', 'daemon-reload'],
      ...(isRestarted(node) ? [['systemctl', 'restart', 'containerd.service']] : []),
      ['systemctl', 'enable', '--now', podsUnit],
      ...(node.role === 'master'
        ? [
            ...(node.isBalanced === true ? [] : [[controlPlaneProgram, 'hold', api.address, String(api.port)]]),
            [controlPlaneProgram, node.founds ? 'init' : 'join'],
            ...(node.founds ? (node.network?.commands ?? []) : []),
          ]
        : [['systemctl', 'enable', '--now', 'kubelet.service']]),
    ],
    later: [],
    papers: papersOf(facts, controlPlane),
    secrets: node.secrets,
  }
}

/** On every node; what it does depends on the engine. */
export const controlPlaneProgram = '/usr/lib/croque/control-plane'

/** Nobody may write to a directory while it moves. `units`: who would. */
export const volumeCommands = ({ volumes }: Pick<OrderedNode, 'volumes'>, units: readonly string[]): string[][] => {
  const wishes = Object.entries(volumes).map(([name, path]) => `${name}=${path}`)
  if (wishes.length === 0) return []
  return [
    ['systemctl', 'stop', ...units],
    ['/usr/lib/croque/node-volumes', ...wishes],
  ]
}

/** It reads about proxies when it starts. */
const isRestarted = ({ settings, volumes }: OrderedNode): boolean =>
  Object.keys(settings.files).length > 0 || Object.keys(volumes).length > 0
