import { describe, expect, test } from 'vitest'
import type { NodeFacts } from '../nodes.ts'
import type { CloudNeeds, Finding } from '../underlay.ts'
import type { ClusterFacts } from './facts.ts'
import { judgeCluster, judgeNodes, type NodeAnswer } from './judge.ts'

const needs: CloudNeeds = {
  namespace: 'openstack',
  ownLabels: { 'croque.dev/cloud': 'cloud' },
  namespaceLabels: {},
  permissions: [],
  clusterWide: [],
  kinds: [],
  roles: ['compute', 'control', 'network'],
  images: { plain: 'base', qemu: 'compute', tools: 'openstack' },
  nodeNeeds: [],
  pullPolicy: 'IfNotPresent',
  pullSecrets: [],
}

const node = (name: string, roles: readonly string[], rest: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  roles,
  ready: true,
  cordoned: false,
  taints: [],
  controlPlane: false,
  platform: 'linux/amd64',
  processors: 4,
  memory: 8192,
  boot: '1',
  annotations: [],
  ...rest,
})

const good: ClusterFacts = {
  version: 'v1.35.4',
  denied: [],
  nodes: [node('a', ['control', 'network']), node('b', ['compute'])],
  storageClasses: [{ name: 'fast', isDefault: true }],
  namespace: undefined,
  taken: [],
  missingKinds: [],
  groups: ['apps', 'cilium.io'],
}

const wrong = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ ok }) => !ok).map(({ check, severity, message }) => `${severity} ${check}: ${message}`)

const judged = (facts: Partial<ClusterFacts>, storageClass?: string): readonly string[] =>
  wrong(judgeCluster({ needs, facts: { ...good, ...facts }, ...(storageClass === undefined ? {} : { storageClass }) }))

describe('a cluster', () => {
  test('with all that a cloud needs has nothing in the way', () => {
    expect(judged({})).toEqual([])
  })

  test.each<[string, Partial<ClusterFacts>, readonly string[]]>([
    ['too old', { version: 'v1.28.3' }, ['error version: the API server is v1.28.3; supported are 1.30 to 1.35']],
    [
      'newer',
      { version: 'v1.36.0-alpha.1' },
      ['warning version: v1.36.0-alpha.1 is newer than what was tried: 1.30 to 1.35'],
    ],
    [
      'that allows too little',
      {
        denied: [
          { verb: 'create', group: 'batch', resource: 'jobs', namespace: 'openstack' },
          { verb: 'patch', group: 'batch', resource: 'jobs', namespace: 'openstack' },
          { verb: 'delete', group: '', resource: 'namespaces', name: 'openstack' },
        ],
      },
      [
        'error permissions: these credentials may not create, patch jobs.batch in openstack; delete namespaces openstack',
      ],
    ],
    [
      'with a namespace of others',
      { namespace: { ours: false, empty: false, terminating: false, podSecurity: undefined } },
      ['error namespace openstack: there are Pods in it that are not of this cloud'],
    ],
    [
      'with a namespace on its way out',
      { namespace: { ours: true, empty: true, terminating: true, podSecurity: 'privileged' } },
      ['error namespace openstack: it is being deleted'],
    ],
    [
      'that admits no agents',
      { namespace: { ours: true, empty: true, terminating: false, podSecurity: 'restricted' } },
      [
        'error pod security: the namespace openstack admits Pods of the level restricted only; agents of the nodes are privileged',
      ],
    ],
    [
      'with another cloud',
      {
        taken: [
          {
            ref: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', name: 'croque-service' },
            owner: 'other',
          },
        ],
      },
      ['error name PriorityClass/croque-service: it belongs to the cloud other'],
    ],
    [
      'without a default class of storage',
      { storageClasses: [{ name: 'slow', isDefault: false }] },
      ['error storage: no StorageClass is the default one; there are: slow'],
    ],
    [
      'without labels, tainted and of another kind',
      {
        nodes: [
          node('a', ['control'], { taints: ['node-role.kubernetes.io/control-plane:NoSchedule'] }),
          node('b', ['compute'], { platform: 'linux/arm64' }),
          node('c', ['compute'], { cordoned: true }),
        ],
      },
      [
        'warning compute nodes: c is cordoned',
        'error control nodes: a is tainted node-role.kubernetes.io/control-plane:NoSchedule',
        'error network nodes: no node carries the label croque.dev/role-network',
        'error node b: it is linux/arm64; the images are for linux/amd64',
      ],
    ],
    [
      'that shows nothing',
      { nodes: undefined, storageClasses: undefined },
      [
        'warning storage: these credentials may not look at storage classes',
        'warning nodes: these credentials may not look at nodes',
      ],
    ],
    [
      'with flannel',
      {
        groups: [],
        nodes: (good.nodes ?? []).map((each) => ({ ...each, annotations: ['flannel.alpha.coreos.com/x'] })),
      },
      ['warning network policies: flannel does not enforce them: every Pod of the cluster reaches every service'],
    ],
    [
      'without the Gateway API',
      { missingKinds: ['TLSRoute of gateway.networking.k8s.io'] },
      ['error kind TLSRoute of gateway.networking.k8s.io: the cluster does not know it'],
    ],
  ])('%s', (_case, facts, expected) => {
    expect(judged(facts)).toEqual(expected)
  })

  test('a class of storage that is named must be there', () => {
    expect(judged({}, 'fast')).toEqual([])
    expect(judged({}, 'gold')).toEqual(['error storage: there is no StorageClass gold; there are: fast'])
  })
})

describe('what nodes answer', () => {
  const answer = (name: string, roles: readonly string[], rest: Partial<NodeAnswer> = {}): NodeAnswer => ({
    node: name,
    roles,
    openvswitch: true,
    tun: true,
    domain: 'cluster.local',
    ...rest,
  })

  test('all well', () => {
    const answers = [answer('a', ['control']), answer('b', ['compute'], { kvm: true })]
    expect(wrong(judgeNodes(answers, {}))).toEqual([])
  })

  test('no image, no KVM, no device', () => {
    const answers = [
      { node: 'a', roles: ['control'], failure: 'ErrImagePull: no route' },
      answer('b', ['compute'], { kvm: false, tun: false }),
    ]
    expect(wrong(judgeNodes(answers, {}))).toEqual([
      'error images on a: ErrImagePull: no route',
      'warning kvm: guests are emulated, for KVM does not work on b',
      'error tun device: there is no /dev/net/tun on b',
    ])
  })

  test('what the cloud needs of some of them, and is not there', () => {
    const need = { roles: ['storage'], test: 'false', next: 'modprobe it' }
    const nodeNeeds = [
      { ...need, check: 'mapper', message: 'there is no device-mapper in' },
      { ...need, check: 'target', message: 'there is no target in' },
    ]
    const answers = [
      answer('a', ['control'], { lacks: [] }),
      answer('b', ['storage'], { lacks: ['mapper'] }),
      answer('c', ['storage'], { lacks: ['mapper'] }),
    ]
    expect(wrong(judgeNodes(answers, { nodeNeeds }))).toEqual(['error mapper: there is no device-mapper in b, c'])
  })

  test('guests of different nodes meet by a tunnel interface where the kernel has no switch', () => {
    const answers = [
      answer('a', ['network'], { openvswitch: false }),
      answer('b', ['compute'], { kvm: true, openvswitch: false }),
    ]
    expect(wrong(judgeNodes(answers, {}))).toEqual([
      'warning openvswitch module: packets are switched in user space, for it is not in the kernel of a, b; guests of different nodes do not meet',
    ])
    expect(wrong(judgeNodes(answers, { tunnelInterface: 'tun0' }))).toEqual([
      'error openvswitch module: not in the kernel of a, b, and tun0 is no interface with an alias on a, b',
    ])
    const tunnelled = answers.map((each) => ({ ...each, tunnel: '10.0.0.1/24' }))
    expect(wrong(judgeNodes(tunnelled, { tunnelInterface: 'tun0' }))).toEqual([
      'warning openvswitch module: packets are switched in user space, for it is not in the kernel of a, b',
    ])
  })
})
