/**
 * Which Kubernetes versions may follow each other: never back, one minor version at a time, and nodes at most three minor versions
 * behind the control plane (https://kubernetes.io/releases/version-skew-policy/). Where a version is not known nothing is refused.
 */
import type { Cluster, ClusterTemplate, NodeGroup } from '../model/index.ts'
import { Refusal } from './refusal.ts'
import { compareVersions, parseVersion, shortVersion, type Version } from './version.ts'

const nodesBehind = 3

/** @throws Refusal 409 that says what was sent, what is allowed and what to type */
export function checkSkew(cluster: Cluster, groups: readonly NodeGroup[], template: ClusterTemplate): void {
  const wanted = parseVersion(template.spec.labels['kube_tag'])
  const running = runningVersion(cluster)
  if (cluster.spec.template.coe !== 'kubernetes' || wanted === undefined) return
  if (running !== undefined) checkStep(cluster, template, { wanted, running })
  checkNodes(cluster, groups, template, wanted)
}

/** What runs, else what was asked for. */
function runningVersion({ spec, status }: Cluster): Version | undefined {
  return parseVersion(status.coeVersion) ?? parseVersion(spec.labels['kube_tag'])
}

interface Step {
  readonly wanted: Version
  readonly running: Version
}

function checkStep({ spec }: Cluster, template: ClusterTemplate, { wanted, running }: Step): void {
  const sent = `${template.spec.name} has Kubernetes ${tag(template)}, and ${spec.name} runs ${text(running)}`
  if (compareVersions(wanted, running) < 0)
    throw refused(`${sent}; Kubernetes does not go back. Choose a template with kube_tag ${text(running)} or newer.`)
  if (wanted.major === running.major && wanted.minor <= running.minor + 1) return
  const next = shortVersion({ major: running.major, minor: running.minor + 1 })
  throw refused(
    `${sent}; Kubernetes goes one minor version at a time, so ${shortVersion(running)} or ${next} is allowed. ` +
      `Upgrade with a template of ${next} first: openstack coe cluster upgrade ${spec.name} TEMPLATE`,
  )
}

/** Default groups go with the control plane; the others are upgraded by themselves and may be too far behind. */
function checkNodes(cluster: Cluster, groups: readonly NodeGroup[], template: ClusterTemplate, wanted: Version): void {
  for (const { spec, status } of groups) {
    const version = parseVersion(status.version) ?? parseVersion(spec.labels['kube_tag'])
    if (spec.isDefault || version === undefined || version.minor >= wanted.minor - nodesBehind) continue
    throw refused(
      `${template.spec.name} has Kubernetes ${tag(template)}, and nodes of ${spec.name} run ${text(version)}; ` +
        `nodes may be at most ${nodesBehind} minor versions behind. Upgrade them first: ` +
        `openstack coe cluster upgrade ${cluster.spec.name} ${cluster.spec.template.name} --nodegroup ${spec.name}`,
    )
  }
}

const tag = (template: ClusterTemplate): string => template.spec.labels['kube_tag'] ?? ''
const text = ({ major, minor, patch }: Version): string => `v${major}.${minor}.${patch}`

function refused(reason: string): Refusal {
  return new Refusal(409, `Cluster Template is not valid for upgrade: ${reason}`)
}
