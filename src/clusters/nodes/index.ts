/** Nodes of clusters: who may come, what each shall do, and how it fares. */
export { type Desk, type DeskOptions, openDesk, type Papers, type Report } from './desk.ts'
export {
  type Ledger,
  type LedgerState,
  type NodeEntry,
  type NodeOrders,
  type NodeReport,
  openLedger,
} from './ledger.ts'
export { type ControlPlaneFacts, dockerPapers, dockerTls, type NodeFacts, type Paper, papersOf } from './papers.ts'
export type { SecretSource } from './secret-files.ts'
export { isReviewerToken, isSame, type NodeId, nodeKey, nodeToken, reviewerToken } from './token.ts'
