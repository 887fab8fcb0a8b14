/**
 * The certificates of nodes. Their keys are made on the nodes and never leave them; the CAs' keys never come there. What kubeadm would
 * sign itself is asked for here, so kubeadm finds a control plane with external CAs
 * (https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#external-ca-mode).
 */
import { z } from 'zod'

const texts = z.array(z.string()).readonly()

/** A certificate that a node asks for, in the words of `openssl req`. */
export const paper = z
  .object({
    ca: z.enum(['kubernetes', 'etcd', 'front-proxy']),
    commonName: z.string(),
    organizations: texts,
    purposes: z.array(z.enum(['clientAuth', 'serverAuth'])).readonly(),
    /** Host names and addresses of a server. */
    names: texts,
    /** Where it goes: a certificate and its key beside each other, `<path>.crt` and `<path>.key`, or a kubeconfig. */
    place: z.union([
      z.object({ pair: z.string() }),
      /** `server`: URL of the API server; @default that of the cluster */
      z.object({ kubeconfig: z.string(), server: z.string().exactOptional() }),
    ]),
  })
  .readonly()

export type Paper = z.infer<typeof paper>

export interface NodeFacts {
  /** Of the server and the node. */
  readonly name: string
  readonly role: 'master' | 'worker'
  /** Of the node itself. */
  readonly addresses: readonly string[]
}

export interface ControlPlaneFacts {
  /** Names and addresses under which the API server is reached, beside the node's own. */
  readonly apiNames: readonly string[]
  /** `10.254.0.1`: the address of the Service `kubernetes`. */
  readonly serviceAddress: string
  /** `cluster.local` */
  readonly dnsDomain: string
  /** URL of a master's own API server. */
  readonly ownServer: string
}

const pki = '/etc/kubernetes/pki'
const client = ['clientAuth'] as const
const server = ['serverAuth'] as const
const both = ['clientAuth', 'serverAuth'] as const

const kubeconfig = (file: string, server?: string): Paper['place'] => ({
  kubeconfig: `/etc/kubernetes/${file}`,
  ...(server === undefined ? {} : { server }),
})

/** By name. `controlPlane` is there for masters. */
export function papersOf(node: NodeFacts, controlPlane: ControlPlaneFacts): Readonly<Record<string, Paper>> {
  const kubelet = { ca: 'kubernetes', commonName: `system:node:${node.name}`, organizations: ['system:nodes'] } as const
  const names = [node.name, ...node.addresses]
  const own = node.role === 'master' ? controlPlane.ownServer : undefined
  return {
    kubelet: { ...kubelet, purposes: client, names: [], place: kubeconfig('kubelet.conf', own) },
    'kubelet-server': { ...kubelet, purposes: server, names, place: { pair: '/var/lib/kubelet/pki/kubelet' } },
    ...(node.role === 'master' ? masterPapers(names, controlPlane) : {}),
  }
}

/** Where Docker finds what it speaks TLS by. */
export const dockerTls = { ca: '/etc/docker/tls/ca.crt', pair: '/etc/docker/tls/server' } as const

/** Of a node of a swarm. Only a certificate of a server: one of a client would be a key to the whole swarm. */
export const dockerPapers = (names: readonly string[]): Readonly<Record<string, Paper>> => ({
  docker: {
    ...{ ca: 'kubernetes', commonName: names[0] ?? '', organizations: [], purposes: server },
    ...{ names, place: { pair: dockerTls.pair } },
  },
})

/** Whose key signs what a node reports. */
export const reporterOf = (papers: Readonly<Record<string, unknown>>): 'kubelet' | 'docker' =>
  'kubelet' in papers ? 'kubelet' : 'docker'

function masterPapers(own: readonly string[], facts: ControlPlaneFacts): Readonly<Record<string, Paper>> {
  const kubernetes = { ca: 'kubernetes', organizations: [], names: [], purposes: client } as const
  const local = ['localhost', '127.0.0.1']
  const etcd = { ca: 'etcd', organizations: [], purposes: both, names: [...own, ...local] } as const
  const etcdClient = { ...etcd, purposes: client, names: [] } as const
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${facts.dnsDomain}`,
  ]
  const [name = ''] = own
  return {
    apiserver: {
      ...kubernetes,
      commonName: 'kube-apiserver',
      purposes: server,
      names: [...new Set([...own, ...facts.apiNames, ...service, facts.serviceAddress, ...local])],
      place: { pair: `${pki}/apiserver` },
    },
    'apiserver-kubelet-client': {
      ...kubernetes,
      commonName: 'kube-apiserver-kubelet-client',
      organizations: ['kubeadm:cluster-admins'],
      place: { pair: `${pki}/apiserver-kubelet-client` },
    },
    'front-proxy-client': {
      ...kubernetes,
      ca: 'front-proxy',
      commonName: 'front-proxy-client',
      place: { pair: `${pki}/front-proxy-client` },
    },
    'etcd-server': { ...etcd, commonName: name, place: { pair: `${pki}/etcd/server` } },
    'etcd-peer': { ...etcd, commonName: name, place: { pair: `${pki}/etcd/peer` } },
    'etcd-healthcheck-client': {
      ...etcdClient,
      commonName: 'kube-etcd-healthcheck-client',
      place: { pair: `${pki}/etcd/healthcheck-client` },
    },
    'apiserver-etcd-client': {
      ...etcdClient,
      commonName: 'kube-apiserver-etcd-client',
      place: { pair: `${pki}/apiserver-etcd-client` },
    },
    admin: {
      ...kubernetes,
      commonName: 'kubernetes-admin',
      organizations: ['kubeadm:cluster-admins'],
      place: kubeconfig('admin.conf'),
    },
    'super-admin': {
      ...kubernetes,
      commonName: 'kubernetes-super-admin',
      organizations: ['system:masters'],
      place: kubeconfig('super-admin.conf'),
    },
    // They may be newer than the API servers of other masters, which they must never ask then.
    'controller-manager': {
      ...kubernetes,
      commonName: 'system:kube-controller-manager',
      place: kubeconfig('controller-manager.conf', facts.ownServer),
    },
    scheduler: {
      ...kubernetes,
      commonName: 'system:kube-scheduler',
      place: kubeconfig('scheduler.conf', facts.ownServer),
    },
  }
}
