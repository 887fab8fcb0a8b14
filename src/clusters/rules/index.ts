/** What the API decides by: pure functions from what is there and what is wished to what shall be, or to a {@link Refusal}. */
export { defaultWorker, masterName, type Totals, totals, workerName } from './counts.ts'
export { type ClusterRequest, type DraftContext, draftCluster } from './draft.ts'
export { type ClusterEvent, clusterEvent, type EventFacts } from './event.ts'
export { visibleGroupStatus } from './group-status.ts'
export type { Judgement, NodeImage } from './judgement.ts'
export { type Coe, type LabelEntry, labelTable } from './label-table.ts'
export { labelIsTrue, labelNumber, labelWarnings } from './label-warnings.ts'
export { type Labels, type LabelsDiff, labelsDiff, mergeLabels } from './labels.ts'
export {
  checkDeletable,
  draftNodeGroup,
  type NodeGroupPatch,
  type NodeGroupRequest,
  patchedNodeGroup,
} from './node-group.ts'
export { type Act, type NodeGroupWish, type Wish, withOperation } from './operation.ts'
export { type ClusterPatch, decidePatch, type PatchedCluster } from './patch.ts'
export { shownFaults, shownGroupReason, shownReason } from './reason.ts'
export { Refusal } from './refusal.ts'
export { checkZero, type ResizeRequest, resized } from './resize.ts'
export { checkAllowed, type GuardedKind } from './statuses.ts'
export { type Upgrade, type UpgradeRequest, upgraded } from './upgrade.ts'
export { compareVersions, parseVersion, type Version } from './version.ts'
