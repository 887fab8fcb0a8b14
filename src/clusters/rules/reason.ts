/** `status_reason` and `faults` as they are shown. */
import { type Cluster, type NodeGroup, underWay, visibleStatus } from '../model/index.ts'
import { visibleGroupStatus } from './group-status.ts'
import { labelWarnings } from './label-warnings.ts'

/** What is waited for, or how it ended; then what the API noticed when the cluster was made. Null when there is nothing to say. */
export function shownReason(cluster: Cluster): string | null {
  const { progress, statusReason } = cluster.status
  return joined([underWay(cluster) === undefined ? statusReason : progress, ...cluster.spec.warnings])
}

/** Of a node group: how it is, and what there is to say of the labels it was given itself. */
export function shownGroupReason(cluster: Cluster, { spec, status }: NodeGroup): string | null {
  return joined([status.statusReason, ...labelWarnings(spec.ownLabels, cluster.spec.template.coe)])
}

function joined(sentences: readonly (string | undefined)[]): string | null {
  const said = sentences.flatMap((sentence) => (sentence === undefined || sentence === '' ? [] : [sentence]))
  const last = said.at(-1)
  if (last === undefined) return null
  return [...said.slice(0, -1).map((sentence) => (sentence.endsWith('.') ? sentence : `${sentence}.`)), last].join(' ')
}

/** Name to reason of everything that failed; undefined unless the cluster has failed. */
export function shownFaults(
  cluster: Cluster,
  groups: readonly NodeGroup[],
): Readonly<Record<string, string>> | undefined {
  if (!visibleStatus(cluster).endsWith('_FAILED')) return undefined
  const failed = groups.filter((group) => visibleGroupStatus(cluster, group).endsWith('_FAILED'))
  return {
    ...Object.fromEntries(failed.map(({ spec, status }) => [spec.name, status.statusReason ?? ''])),
    ...cluster.status.faults,
  }
}
