/** What the facts of somebody else's cluster mean for a cloud. Pure. */
import { subjectOf } from '../../kube/index.ts'
import { type NodeFacts, takesPods } from '../nodes.ts'
import { hasBothKinds, roleLabel } from '../roles.ts'
import type { CloudNeeds, Finding, NodeNeed, Permission } from '../underlay.ts'
import type { ClusterFacts, NamespaceFacts } from './facts.ts'

/** Minor versions of Kubernetes 1: the oldest has what is used (sleep as preStop), the newest was tried. */
const supported = { oldest: 30, newest: 35 } as const

export interface Judged {
  readonly needs: CloudNeeds
  readonly facts: ClusterFacts
  /** As the document names it; absent: the default of the cluster. */
  readonly storageClass?: string
}

export function judgeCluster({ needs, facts, storageClass }: Judged): readonly Finding[] {
  return [
    version(facts.version),
    permissions(facts.denied),
    namespace(needs.namespace, facts.namespace),
    podSecurity(needs.namespace, facts.namespace),
    ...facts.taken.map(({ ref, owner }) =>
      finding({
        check: `name ${subjectOf(ref)}`,
        severity: 'error',
        message: owner === undefined ? 'somebody else has this name' : `it belongs to the cloud ${owner}`,
        next: 'One cloud on a cluster; take that one down, or rename what is there',
      }),
    ),
    storage(facts.storageClasses, storageClass),
    ...nodes(needs.roles, facts.nodes),
    network(facts),
    ...facts.missingKinds.map((kind) =>
      finding({
        check: `kind ${kind}`,
        severity: 'error',
        message: 'the cluster does not know it',
        next: 'Install what defines it (for example the Gateway API), or choose another spec.endpoints.exposure',
      }),
    ),
  ]
}

function version(text: string): Finding {
  const minor = Number(/^v1\.(\d+)\./.exec(text)?.[1] ?? Number.NaN)
  if (minor >= supported.oldest && minor <= supported.newest) return fine('version')
  const range = `1.${supported.oldest} to 1.${supported.newest}`
  return minor > supported.newest
    ? finding({ check: 'version', severity: 'warning', message: `${text} is newer than what was tried: ${range}` })
    : finding({
        check: 'version',
        severity: 'error',
        message: `the API server is ${text}; supported are ${range}`,
        next: 'Upgrade the cluster, or take another',
      })
}

function permissions(denied: readonly Permission[]): Finding {
  if (denied.length === 0) return fine('permissions')
  return finding({
    check: 'permissions',
    severity: 'error',
    message: `these credentials may not ${describeDenied(denied)}`,
    next: '`./croque render --admin-role` prints the roles that suffice',
  })
}

/** `create, patch jobs.batch in openstack; list nodes` */
function describeDenied(denied: readonly Permission[]): string {
  const verbs = new Map<string, string[]>()
  for (const { verb, group, resource, name, namespace } of denied) {
    const what = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`
    const where = namespace === undefined ? '' : ` in ${namespace}`
    verbs.set(`${what}${where}`, [...(verbs.get(`${what}${where}`) ?? []), verb])
  }
  return [...verbs].map(([what, list]) => `${list.join(', ')} ${what}`).join('; ')
}

function namespace(name: string, found: NamespaceFacts | undefined): Finding {
  const check = `namespace ${name}`
  if (found?.terminating === true)
    return finding({ check, severity: 'error', message: 'it is being deleted', next: 'Wait until it is gone' })
  if (found === undefined || found.ours || found.empty) return fine(check)
  return finding({
    check,
    severity: 'error',
    message: 'there are Pods in it that are not of this cloud',
    next: 'Choose another spec.underlay.namespace',
  })
}

/** `up` gives a namespace of ours the label that it needs; one that somebody else has labelled is left to him. */
function podSecurity(name: string, found: NamespaceFacts | undefined): Finding {
  const check = 'pod security'
  const level = found?.podSecurity
  if (found === undefined || level === undefined || level === 'privileged') return fine(check)
  return finding({
    check,
    severity: 'error',
    message: `the namespace ${name} admits Pods of the level ${level} only; agents of the nodes are privileged`,
    next: `kubectl label --overwrite namespace ${name} pod-security.kubernetes.io/enforce=privileged`,
  })
}

function storage(classes: ClusterFacts['storageClasses'], wanted: string | undefined): Finding {
  const check = 'storage'
  if (classes === undefined)
    return finding({ check, severity: 'warning', message: 'these credentials may not look at storage classes' })
  const names = classes.map(({ name }) => name).join(', ') || 'none'
  if (wanted !== undefined && classes.every(({ name }) => name !== wanted))
    return finding({
      check,
      severity: 'error',
      message: `there is no StorageClass ${wanted}; there are: ${names}`,
      next: 'Choose another spec.underlay.storageClass',
    })
  if (wanted === undefined && classes.every(({ isDefault }) => !isDefault))
    return finding({
      check,
      severity: 'error',
      message: `no StorageClass is the default one; there are: ${names}`,
      next: 'Name one in spec.underlay.storageClass',
    })
  return fine(check)
}

function nodes(roles: readonly string[], found: ClusterFacts['nodes']): readonly Finding[] {
  if (found === undefined)
    return [finding({ check: 'nodes', severity: 'warning', message: 'these credentials may not look at nodes' })]
  const wrong = found.filter((node) => node.roles.length > 0 && node.platform !== 'linux/amd64')
  return [
    ...roles.map((role) => nodesOf(role, found)),
    ...wrong.map(({ name, platform }) =>
      finding({
        check: `node ${name}`,
        severity: 'error',
        message: `it is ${platform}; the images are for linux/amd64`,
        next: `./croque node label ${name} none`,
      }),
    ),
    ...found
      .filter((node) => hasBothKinds(node.roles))
      .map((node) =>
        finding({
          check: `node ${node.name}`,
          severity: 'error',
          message: 'it has both compute and compute-lxc, and Nova has one kind of guest a node',
          next: `./croque node label ${node.name} ${node.roles.filter((role) => role !== 'compute-lxc').join(',')}`,
        }),
      ),
  ]
}

function nodesOf(role: string, found: readonly NodeFacts[]): Finding {
  const check = `${role} nodes`
  const labelled = found.filter((node) => node.roles.includes(role))
  if (labelled.length === 0)
    return finding({
      check,
      severity: 'error',
      message: `no node carries the label ${roleLabel(role)}`,
      next: '`./croque node label` proposes a placement',
    })
  const useless = labelled.filter((node) => !takesPods(node))
  if (useless.length === 0) return fine(check)
  return finding({
    check,
    severity: useless.length === labelled.length ? 'error' : 'warning',
    message: useless.map((node) => `${node.name} ${whyNot(node)}`).join('; '),
    next: 'Take the taint away (kubectl taint), or label another node',
  })
}

function whyNot({ ready, cordoned, taints, message }: NodeFacts): string {
  if (!ready) return `is not ready${message === undefined ? '' : `: ${message}`}`
  return cordoned ? 'is cordoned' : `is tainted ${taints.join(', ')}`
}

/** Network plugins by the API groups that they bring, and whether they enforce NetworkPolicy. */
const plugins: readonly { readonly name: string; readonly group: string }[] = [
  { name: 'Calico', group: 'crd.projectcalico.org' },
  { name: 'Calico', group: 'projectcalico.org' },
  { name: 'Cilium', group: 'cilium.io' },
  { name: 'Antrea', group: 'crd.antrea.io' },
  { name: 'OVN-Kubernetes', group: 'k8s.ovn.org' },
]

function network({ groups, nodes: found = [] }: ClusterFacts): Finding {
  const check = 'network policies'
  if (plugins.some(({ group }) => groups.includes(group))) return fine(check)
  const flannel = found.some(({ annotations }) =>
    annotations.some((key) => key.startsWith('flannel.alpha.coreos.com/')),
  )
  return finding({
    check,
    severity: 'warning',
    message: flannel
      ? 'flannel does not enforce them: every Pod of the cluster reaches every service'
      : 'it is not known whether the network plugin of the cluster enforces them',
  })
}

/** What a node answered, or why it did not. */
export interface NodeAnswer {
  readonly node: string
  readonly roles: readonly string[]
  readonly failure?: string
  readonly openvswitch?: boolean
  readonly tun?: boolean
  /** Checks of the cloud's needs that failed there. */
  readonly lacks?: readonly string[]
  /** Whether a guest runs with KVM; only compute nodes are asked. */
  readonly kvm?: boolean
  /** Domain of the names in the cluster. */
  readonly domain?: string
  /** Alias of the interface for tunnels; empty when it has none, absent when none is named or there is no such interface. */
  readonly tunnel?: string
}

export function judgeNodes(
  answers: readonly NodeAnswer[],
  { tunnelInterface, nodeNeeds = [] }: { readonly tunnelInterface?: string; readonly nodeNeeds?: readonly NodeNeed[] },
): readonly Finding[] {
  const heard = answers.filter(({ failure }) => failure === undefined)
  const compute = heard.filter(({ roles }) => roles.includes('compute'))
  const switching = heard.filter(({ roles }) =>
    ['compute', 'compute-lxc', 'network'].some((role) => roles.includes(role)),
  )
  const domains = new Set(heard.map(({ domain }) => domain ?? ''))
  return [
    ...answers
      .filter(({ failure }) => failure !== undefined)
      .map(({ node, failure = '' }) =>
        finding({
          check: `images on ${node}`,
          severity: 'error',
          message: failure,
          next: 'See that the node reaches the registry of spec.images, and that the images were pushed',
        }),
      ),
    ...allOf('kvm', compute, ({ kvm }) => kvm === true, {
      severity: 'warning',
      message: 'guests are emulated, for KVM does not work on',
    }),
    ...allOf('tun device', switching, ({ tun }) => tun === true, {
      severity: 'error',
      message: 'there is no /dev/net/tun on',
      next: 'modprobe tun on these nodes',
    }),
    ...kernelSwitch(switching, tunnelInterface),
    ...nodeNeeds.flatMap(({ check, message, next, roles }) =>
      allOf(
        check,
        heard.filter((node) => node.roles.some((role) => roles.includes(role))),
        ({ lacks = [] }) => !lacks.includes(check),
        { severity: 'error', message, next },
      ),
    ),
    ...(heard.length === 0
      ? []
      : [
          domains.has('')
            ? finding({
                check: 'cluster domain',
                severity: 'warning',
                message: 'the Pods of the cluster are not told one',
              })
            : fine('cluster domain'),
        ]),
  ]
}

function kernelSwitch(nodes: readonly NodeAnswer[], tunnelInterface: string | undefined): readonly Finding[] {
  const check = 'openvswitch module'
  const without = nodes.filter(({ openvswitch }) => openvswitch !== true)
  if (without.length === 0) return nodes.length === 0 ? [] : [fine(check)]
  const names = without.map(({ node }) => node).join(', ')
  const untunnelled = nodes.filter(({ tunnel = '' }) => tunnel === '')
  if (tunnelInterface !== undefined && untunnelled.length > 0)
    return [
      finding({
        check,
        severity: 'error',
        message: `not in the kernel of ${names}, and ${tunnelInterface} is no interface with an alias on ${untunnelled.map(({ node }) => node).join(', ')}`,
        next: 'modprobe openvswitch on these nodes, or give the interface an alias address/length (ip link set alias)',
      }),
    ]
  const alone = nodes.length > 1 && tunnelInterface === undefined
  return [
    finding({
      check,
      severity: 'warning',
      message: `packets are switched in user space, for it is not in the kernel of ${names}${alone ? '; guests of different nodes do not meet' : ''}`,
      next: alone
        ? 'modprobe openvswitch on these nodes, or name a spec.underlay.tunnelInterface'
        : 'modprobe openvswitch on these nodes',
    }),
  ]
}

function allOf(
  check: string,
  nodes: readonly NodeAnswer[],
  good: (node: NodeAnswer) => boolean,
  otherwise: Pick<Finding, 'severity' | 'message' | 'next'>,
): readonly Finding[] {
  if (nodes.length === 0) return []
  const bad = nodes.filter((node) => !good(node))
  if (bad.length === 0) return [fine(check)]
  const message = `${otherwise.message} ${bad.map(({ node }) => node).join(', ')}`
  return [finding({ check, ...otherwise, message })]
}

const fine = (check: string): Finding => ({ check, ok: true, severity: 'error', message: 'ok' })

const finding = (found: Omit<Finding, 'ok'>): Finding => ({ ok: false, ...found })
