/** What each node of a swarm is told to do once it is there. Pure: the same for the same. */
import { dockerPapers, dockerTls, type NodeOrders } from '../../../nodes/index.ts'
import { controlPlaneProgram, pauses, revised, volumeCommands } from '../orders.ts'
import type { SwarmSettings } from './settings.ts'
import { tokenOf } from './tokens.ts'

export interface SwarmNode {
  readonly name: string
  readonly role: 'master' | 'worker'
  /** UUID of the node group. */
  readonly group: string
  readonly address: string
  readonly dockerVersion: string
  readonly labels: Readonly<Record<string, string>>
  /** Of a manager: whether it makes the swarm, or comes to one that is there. */
  readonly founds: boolean
  /** Of the API, as everybody reaches it. The managers hold it in turn. */
  readonly api: { readonly address: string; readonly port: number }
  /** Further addresses of the API. */
  readonly apiNames: readonly string[]
  readonly settings: SwarmSettings
  readonly volumes: Readonly<Record<string, string>>
}

/** Managers reach each other by it, and whoever comes. */
const swarmPort = 2377

export function swarmOrdersOf(node: SwarmNode): NodeOrders {
  const { name, role, address, api, founds } = node
  const isManager = role === 'master'
  const docker = dockerPapers([
    name,
    address,
    ...(isManager ? [api.address, ...node.apiNames, 'localhost', '127.0.0.1'] : []),
  ])
  return revised(
    {
      ...{ name, role, address, founds },
      version: node.dockerVersion,
      pause: pauses[role],
      server: `tcp://${api.address}:${api.port}`,
      files: { ...filesOf(node), ...node.settings.files },
      commands: [
        ...volumeCommands(node, ['docker.socket', 'docker.service', 'containerd.service']),
        ['systemctl', 'daemon-reload'],
        ['systemctl', 'enable', '--now', 'docker.service'],
        ...(isManager ? [[controlPlaneProgram, 'hold', api.address, String(api.port)]] : []),
        [controlPlaneProgram, isManager && founds ? 'init' : 'join'],
      ],
      later: [],
      papers: docker,
      secrets: isManager && founds ? {} : tokenOf(role),
    },
    {},
  )
}

function filesOf({ role, group, address, labels, api, settings }: SwarmNode): Readonly<Record<string, string>> {
  const engine = { 'magnum.openstack.org/nodegroup': group, ...labels }
  const daemon = {
    labels: Object.entries(engine).map(([name, value]) => `${name}=${value}`),
    ...(settings.insecureRegistries.length === 0 ? {} : { 'insecure-registries': settings.insecureRegistries }),
    ...(role === 'master'
      ? { tlsverify: true, tlscacert: dockerTls.ca, tlscert: `${dockerTls.pair}.crt`, tlskey: `${dockerTls.pair}.key` }
      : {}),
  }
  const swarm = {
    address,
    port: swarmPort,
    manager: `${api.address}:${swarmPort}`,
    pool: settings.pool,
  }
  return {
    '/etc/docker/daemon.json': JSON.stringify(daemon, null, 2),
    '/etc/croque/swarm.json': JSON.stringify(swarm, null, 2),
    // Beside the socket that Debian's unit gives it, which a list in daemon.json would forbid.
    ...(role === 'master' ? { '/etc/default/docker': `DOCKER_OPTS="-H tcp://0.0.0.0:${api.port}"\n` } : {}),
  }
}
