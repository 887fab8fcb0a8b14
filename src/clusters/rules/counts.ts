/** What a cluster's numbers and addresses are: sums over its node groups. */
import type { NodeGroup } from '../model/index.ts'

export const masterName = 'default-master'
export const workerName = 'default-worker'

const isMaster = (group: NodeGroup): boolean => group.spec.role === 'master'
const total = (groups: readonly NodeGroup[]): number => groups.reduce((sum, { spec }) => sum + spec.nodeCount, 0)
const addresses = (groups: readonly NodeGroup[]): readonly string[] =>
  groups.flatMap(({ status }) => status.nodeAddresses ?? [])

export interface Totals {
  readonly nodeCount: number
  readonly masterCount: number
  readonly nodeAddresses: readonly string[]
  readonly masterAddresses: readonly string[]
}

export function totals(groups: readonly NodeGroup[]): Totals {
  const masters = groups.filter(isMaster)
  const others = groups.filter((group) => !isMaster(group))
  return {
    nodeCount: total(others),
    masterCount: total(masters),
    nodeAddresses: addresses(others),
    masterAddresses: addresses(masters),
  }
}

/** The group that plain numbers of a cluster mean. */
export function defaultWorker(groups: readonly NodeGroup[]): NodeGroup | undefined {
  return groups.find((group) => group.spec.isDefault && !isMaster(group))
}
