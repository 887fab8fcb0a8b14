/** Contents of files in a node that depend on the cluster's layout. Pure. */
import { stringify } from 'yaml'
import type { Layout, NodeLayout } from './layout.ts'

/** The node's /etc/hosts: every node by name. */
export function hostsFile(layout: Layout, node: NodeLayout): string {
  const peers = layout.nodes.filter(({ index }) => index !== node.index)
  return ['127.0.0.1 localhost', ...[node, ...peers].map(({ address, name }) => `${address} ${name}`), ''].join('\n')
}

/**
 * Pods by routed veth pairs: unlike on a bridge, the answers of a Service's Pod on the same node always pass the address translation.
 * Addresses are remembered on a tmpfs: after the node's end no Pod is left that could use one.
 */
export function cniConfig(node: NodeLayout): string {
  const config = {
    cniVersion: '1.0.0',
    name: 'croque',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: '/run/cni/networks',
          ranges: [[{ subnet: node.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** What administrators change is written down by the API server; requests of the cluster's own parts are not. */
export function auditPolicy(): string {
  return stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      {
        level: 'Metadata',
        users: ['kubernetes-admin'],
        verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
      },
      { level: 'None' },
    ],
  })
}

/** Secrets are encrypted in etcd with this key (32 bytes in base64). */
export function encryptionConfig(key: string): string {
  return stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: [{ secretbox: { keys: [{ name: 'key1', secret: key }] } }, { identity: {} }],
      },
    ],
  })
}
