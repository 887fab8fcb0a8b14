/** Asks nodes, by a short Pod on each, what only they know. What they said is kept in the namespace until they boot again. */
import type { Kube, KubeObject, ObjectRef } from '../../kube/index.ts'
import { bootSector, guestCommand, guestWell } from '../kvm-guest.ts'
import { type NodeFacts, takesPods } from '../nodes.ts'
import type { CloudNeeds, NodeAbilities, NodeNeed } from '../underlay.ts'
import type { NodeAnswer } from './judge.ts'
import { runOnNode } from './node-pod.ts'

export interface Asking {
  readonly kube: Kube
  readonly needs: CloudNeeds
  readonly nodes: readonly NodeFacts[]
  readonly tunnelInterface?: string
  readonly signal: AbortSignal
}

/** Not labelled as the cloud's, for no rendering has it; it goes with the namespace. */
const memoryOf = (namespace: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  name: 'croque-nodes',
})

/** Makes the namespace if it is not there, and asks those nodes that a cloud will use and that have booted, or are asked for something else, since. */
export async function askNodes(asking: Asking): Promise<readonly NodeAnswer[]> {
  const { kube, needs, nodes } = asking
  const used = nodes.filter((node) => node.roles.some((role) => needs.roles.includes(role)) && takesPods(node))
  if (used.length === 0) return []
  await ensureNamespace(kube, needs)
  const known = await remembered(kube, needs.namespace)
  const answers = await Promise.all(
    used.map(async (node) => {
      const before = known.get(node.name)
      const question = questionOf(node, asking)
      if (before?.question === question) return { ...before.answer, roles: node.roles }
      return await ask(node, asking)
    }),
  )
  const entries = answers
    .filter(({ failure }) => failure === undefined)
    .map((answer) => {
      const node = used.find(({ name }) => name === answer.node)
      return [answer.node, JSON.stringify({ question: node && questionOf(node, asking), answer })]
    })
  await kube.apply({ ...objectOf(memoryOf(needs.namespace)), data: Object.fromEntries(entries) }, { force: true })
  return answers
}

/** What was heard from the nodes; before anything was, the careful guess. */
export async function knownAbilities(kube: Kube, namespace: string): Promise<Omit<NodeAbilities, 'tunnelInterface'>> {
  const answers = [...(await remembered(kube, namespace)).values()].map(({ answer }) => answer)
  const compute = answers.filter(({ roles }) => roles.includes('compute'))
  return {
    virtType: compute.length > 0 && compute.every(({ kvm }) => kvm === true) ? 'kvm' : 'qemu',
    datapath: answers.length > 0 && answers.every(({ openvswitch }) => openvswitch === true) ? 'system' : 'netdev',
  }
}

interface Remembered {
  readonly question: string
  readonly answer: NodeAnswer
}

async function remembered(kube: Kube, namespace: string): Promise<ReadonlyMap<string, Remembered>> {
  const found = await kube.get(memoryOf(namespace))
  const data = (found?.['data'] ?? {}) as Readonly<Record<string, string>>
  return new Map(Object.entries(data).map(([node, text]) => [node, JSON.parse(text) as Remembered]))
}

const needsOf = ({ roles }: NodeFacts, { nodeNeeds }: CloudNeeds): readonly NodeNeed[] =>
  nodeNeeds.filter((need) => need.roles.some((role) => roles.includes(role)))

function imageOf(node: NodeFacts, needs: CloudNeeds): string {
  if (node.roles.includes('compute') || node.roles.includes('compute-lxc')) return needs.images.qemu
  return needsOf(node, needs).length > 0 ? needs.images.tools : needs.images.plain
}

const questionOf = (node: NodeFacts, { needs, tunnelInterface }: Asking): string =>
  [
    node.boot,
    imageOf(node, needs),
    tunnelInterface ?? '',
    ...needsOf(node, needs).map(({ check, test }) => `${check} ${test}`),
  ].join(' ')

const objectOf = ({ apiVersion, kind, name, namespace }: ObjectRef): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})

/** As the cloud will have it, so that `up` finds nothing to change in it. */
async function ensureNamespace(kube: Kube, { namespace, namespaceLabels: labels }: CloudNeeds): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace }
  if ((await kube.get(ref)) !== undefined) return
  await kube.apply({ ...objectOf(ref), metadata: { name: namespace, labels } })
}

/** Answers are lines of `key=value` in the container's last words, which need no permission to read logs. */
function script(isCompute: boolean, tunnelInterface: string | undefined, tests: readonly string[]): string {
  const sector = bootSector().subarray(0, 512).toString('base64')
  const disk = '/tmp/guest.img'
  const alias = `/sys/class/net/${tunnelInterface}/ifalias`
  return [
    'yes() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }',
    '{',
    'echo "openvswitch=$(yes test -d /sys/module/openvswitch)"',
    'echo "tun=$(yes test -c /dev/net/tun)"',
    String.raw`echo "domain=$(sed -n 's/^search.* svc\.\([^ ]*\).*/\1/p' /etc/resolv.conf)"`,
    ...(tunnelInterface === undefined ? [] : [`test ! -e ${alias} || echo "tunnel=$(cat ${alias})"`]),
    ...tests.map((test, index) => `echo "need${index}=$(yes sh -c '${test.replaceAll("'", `'\\''`)}')"`),
    ...(isCompute
      ? [
          `echo ${sector} | base64 -d > ${disk}; truncate -s 32K ${disk}; code=0`,
          `timeout 10 ${guestCommand(disk).join(' ')} >/dev/null 2>&1 || code=$?`,
          `echo "kvm=$(yes test $code = ${guestWell})"`,
        ]
      : []),
    '} > /dev/termination-log',
  ].join('\n')
}

async function ask(node: NodeFacts, { kube, needs, tunnelInterface, signal }: Asking): Promise<NodeAnswer> {
  const own = needsOf(node, needs)
  const question = {
    node: node.name,
    image: imageOf(node, needs),
    script: script(
      node.roles.includes('compute'),
      tunnelInterface,
      own.map(({ test }) => test),
    ),
  }
  const said = await runOnNode(kube, needs, question, signal)
  return { node: node.name, roles: node.roles, ...('words' in said ? read(said.words, own) : said) }
}

function read(lines: string, needs: readonly NodeNeed[]): Omit<NodeAnswer, 'node' | 'roles'> {
  const said = Object.fromEntries(lines.split('\n').map((line) => line.split(/=(.*)/s, 2) as [string, string]))
  const isYes = (key: string): boolean => said[key] === 'yes'
  return {
    openvswitch: isYes('openvswitch'),
    tun: isYes('tun'),
    lacks: needs.filter((_, index) => !isYes(`need${index}`)).map(({ check }) => check),
    ...('kvm' in said ? { kvm: isYes('kvm') } : {}),
    ...('domain' in said ? { domain: said['domain'] ?? '' } : {}),
    ...('tunnel' in said ? { tunnel: said['tunnel'] ?? '' } : {}),
  }
}
