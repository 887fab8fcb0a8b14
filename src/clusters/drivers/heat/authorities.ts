/**
 * How a rotation of its authorities reaches the nodes of a cluster. In each of its phases (`certificates/rotation.ts`) every node fetches
 * its certificates again and starts anew what reads them only once: masters one after the other, since each is a part of etcd, then
 * workers. Before the new authorities sign, Pods have learned of them; before the old ones are dropped, Pods have tokens of the new key.
 * Follows https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/.
 */
import type { ClusterCertificates, Phase } from '../../certificates/index.ts'
import { type Cluster, isSwarm } from '../../model/index.ts'
import type { NodeOrders, SecretSource } from '../../nodes/index.ts'
import { CloudRefusal } from './cloud.ts'
import type { RosterNode } from './roster.ts'
import { entryOf, isMaster, isUpToDate, type Scene } from './scene.ts'

/** Of the rotation that the cluster's operation asks for. */
export interface Rotation {
  readonly phase: Phase
  /** Another one in every phase. Fits a Kubernetes label. */
  readonly revision: string
}

/** Undefined where the operation is none. @throws CloudRefusal for a swarm, whose nodes have no way to follow */
export async function rotationOf(
  cluster: Cluster,
  certificates: Pick<ClusterCertificates, 'material'>,
): Promise<Rotation | undefined> {
  if (cluster.spec.operation.kind !== 'rotate-ca') return undefined
  if (isSwarm(cluster))
    throw new CloudRefusal('The authorities of a swarm cannot be rotated: make another one, and delete this one')
  const { phase, revision } = await certificates.material(cluster)
  return { phase, revision }
}

/** What orders and the desk know it by: whose revision changes fetches its certificates anew, and all that comes with them. */
const authorities = 'authorities'

/** For the desk, which gives authorities to every node anyhow. */
export const authoritiesSecret: Readonly<Record<string, SecretSource>> = { [authorities]: async () => ({}) }

/** What follows for the orders of a node. */
export interface Followed {
  readonly secrets: NodeOrders['secrets']
  /** Path to text. */
  readonly files: Readonly<Record<string, string>>
  readonly commands: readonly (readonly string[])[]
}

/** For a node that was admitted: whatever it followed once it goes on to have. */
export function followedBy(scene: Scene, node: RosterNode): Followed {
  const { rotation } = scene
  const { orders, joined } = entryOf(scene, node) ?? {}
  const had = orders?.secrets[authorities]
  const kept = had === undefined ? {} : { [authorities]: had }
  const mayFollow = joined === true && !node.leaves
  if (rotation === undefined || orders === undefined || !mayFollow) return { secrets: kept, files: {}, commands: [] }
  if (had !== rotation.revision && !isItsTurn(scene, node, rotation)) return { secrets: kept, files: {}, commands: [] }
  const said = (act: string): readonly string[] => {
    const { phase, revision } = rotation
    return ['/bin/sh', program, act, phase, revision]
  }
  const hasBeenTold = (act: string): boolean => orders.later.some((each) => each.join() === said(act).join())
  const further = furtherAct(scene, node, rotation)
  const isDue = further !== undefined && (hasBeenTold(further.act) || further.after.every(followedIn(scene, rotation)))
  return {
    secrets: { [authorities]: rotation.revision },
    files: { [program]: script },
    commands: [said('follow'), ...(isDue ? [said(further.act)] : [])],
  }
}

/** The nodes that have joined and stay, masters first. */
const membersOf = (scene: Scene): readonly RosterNode[] => {
  const members = scene.roster.nodes.filter((node) => !node.leaves && entryOf(scene, node)?.joined === true)
  const isOne = (node: RosterNode): boolean => isMaster(scene.wish, node)
  return [...members.filter(isOne), ...members.filter((node) => !isOne(node))]
}

const followedIn =
  (scene: Scene, { revision }: Rotation) =>
  (node: RosterNode): boolean => {
    const entry = entryOf(scene, node)
    return entry !== undefined && entry.orders.secrets[authorities] === revision && isUpToDate(entry)
  }

function isItsTurn(scene: Scene, node: RosterNode, rotation: Rotation): boolean {
  const members = membersOf(scene)
  const earlier = members.slice(0, members.indexOf(node)).filter((each) => isMaster(scene.wish, each))
  return earlier.every(followedIn(scene, rotation))
}

interface FurtherAct {
  readonly act: 'pods' | 'tokens'
  /** Who has to have followed before. */
  readonly after: readonly RosterNode[]
}

/** Only masters have one. Workers follow after them, so their Pods' tokens are of the new key by then. */
function furtherAct(scene: Scene, node: RosterNode, { phase }: Rotation): FurtherAct | undefined {
  if (!isMaster(scene.wish, node)) return undefined
  const members = membersOf(scene)
  if (phase === 'introducing') return members[0] === node ? { act: 'pods', after: members } : undefined
  if (phase !== 'replacing') return undefined
  return { act: 'tokens', after: members.filter((each) => isMaster(scene.wish, each)) }
}

export const rotationDirectory = '/etc/croque/authorities'
const program = `${rotationDirectory}/follow`

/** It comes with the orders and not with the node image, so nodes of before can follow. */
const script = `#!/bin/sh
# What a node does in a phase of a rotation, once it has its certificates. Every act may be killed at any point and done again.
#   follow PHASE REVISION  starts anew what reads certificates and authorities only once
#   pods   PHASE REVISION  replaces the Pods that read authorities only once
#   tokens PHASE REVISION  gives Pods of this node tokens of the key of today
set -eu
act=$1 phase=$2 revision=$3
export KUBECONFIG=/etc/kubernetes/admin.conf
ca=/etc/kubernetes/pki/ca.crt
manifests=/etc/kubernetes/manifests

# A kubelet that rotates certificates, as kubeadm wants it, prefers what it once read in kubelet.conf to what is there today.
restart_kubelet() {
  rm -f /var/lib/kubelet/pki/kubelet-client-*.pem
  systemctl restart kubelet
}

# The kubelet makes a static Pod anew whose manifest is another one, once the old one has ended: but only where it knows that one, and
# right after it was started itself it does not.
restart() {
  line="    croque.dev/authorities: $revision"
  ! grep -qxF "$line" "$manifests/$1.yaml" || return 0
  pgrep -x "$(echo "$1" | cut -c 1-15)" > "/run/croque-before-$1" || true
  sed -e '/^    croque.dev\\/authorities:/d' -e "s,^    tier: control-plane\\$,&\\n$line," "$manifests/$1.yaml" > "/etc/kubernetes/$1.yaml.new"
  mv "/etc/kubernetes/$1.yaml.new" "$manifests/$1.yaml"
}

answers() {
  case $1 in
    etcd) url=http://127.0.0.1:2381/readyz ;;
    kube-apiserver) url=https://127.0.0.1:$(sed -n 's/.*--secure-port=//p' "$manifests/$1.yaml")/readyz ;;
    kube-controller-manager) url=https://127.0.0.1:10257/healthz ;;
    kube-scheduler) url=https://127.0.0.1:10259/healthz ;;
  esac
  curl --silent --fail --insecure --max-time 5 --output /dev/null "$url"
}

# The process of before.
lives() {
  [ -s "/run/croque-before-$1" ] && xargs kill -0 < "/run/croque-before-$1" 2> /dev/null
}

until_it_serves() {
  tries=0
  until ! lives "$1" && answers "$1"; do
    tries=$((tries + 1))
    [ $tries != 200 ] || { echo "$1 does not come back with the authorities of today" >&2; exit 1; }
    sleep 1
  done
}

# Masters that join ask for it, and what it says of the authority comes before what they know.
tell_cluster_info() {
  data=$(base64 -w 0 "$ca")
  info=$(kubectl -n kube-public get configmap cluster-info --ignore-not-found -o yaml)
  [ -n "$info" ] || return 0
  echo "$info" | sed "s,certificate-authority-data: .*,certificate-authority-data: $data," | kubectl replace -f - > /dev/null
}

# A kubelet that starts has no tokens in store: it asks for all of its Pods'.
renew_tokens() {
  mark=/run/croque-authorities-since
  touch "$mark"
  restart_kubelet
  tries=0
  while [ -n "$(find -L /var/lib/kubelet/pods/*/volumes/kubernetes.io~projected/*/token ! -newer "$mark" 2> /dev/null)" ]; do
    tries=$((tries + 1))
    if [ $tries = 150 ]; then
      echo 'Pods still have tokens of the old key' >&2
      exit 1
    fi
    sleep 2
  done
}

workloads() {
  kubectl get daemonsets,deployments,statefulsets -A -o 'jsonpath={range .items[*]}{.metadata.namespace} {.kind}/{.metadata.name}{"\\n"}{end}'
}

replace_pods() {
  for namespace in $(kubectl get namespaces -o 'jsonpath={.items[*].metadata.name}'); do
    tries=0
    until kubectl -n "$namespace" get configmap kube-root-ca.crt -o 'jsonpath={.data.ca\\.crt}' 2> /dev/null | cmp -s - "$ca"; do
      tries=$((tries + 1))
      [ $tries != 60 ] || { echo "Namespace $namespace does not learn of the authorities of today" >&2; exit 1; }
      sleep 1
    done
  done
  patch='{"spec":{"template":{"metadata":{"annotations":{"croque.dev/authorities":"'$revision'"}}}}}'
  workloads | while read -r namespace workload; do
    kubectl -n "$namespace" patch "$workload" --type merge -p "$patch" > /dev/null < /dev/null || true
  done
  # What does not come up did not before, or has a budget that says so: it does not keep the others from going on.
  end=$(($(date +%s) + 300))
  workloads | while read -r namespace workload; do
    left=$((end - $(date +%s)))
    [ $left -gt 0 ] || break
    kubectl -n "$namespace" rollout status "$workload" --timeout "\${left}s" > /dev/null 2>&1 < /dev/null || true
  done
}

case $act in
  follow)
    if [ -e "$manifests/kube-apiserver.yaml" ]; then
      programs='etcd kube-apiserver kube-controller-manager kube-scheduler'
      for name in $programs; do restart "$name"; done
      for name in $programs; do until_it_serves "$name"; done
      restart_kubelet
      tell_cluster_info
    elif [ "$phase" = replacing ]; then
      renew_tokens
    else
      restart_kubelet
    fi
    ;;
  pods) replace_pods ;;
  tokens) renew_tokens ;;
esac
`
