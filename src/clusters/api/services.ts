/** What the resources of clusters need of the rest: each is given when the routes are made. */
import type { Caller } from '../identity/caller.ts'
import type { Lookups } from '../lookups/index.ts'
import type { ClusterSpec, ClusterStore, ClusterTemplateSpec, NodeGroupSpec } from '../model/index.ts'
import type { ClusterEvent, Judgement, NodeImage } from '../rules/index.ts'
import type { Certificates } from './certificates.ts'

/** Rules of Magnum's policy that these resources ask for. */
export type ClusterRule =
  | `cluster:${'create' | 'delete' | 'detail' | 'get' | 'get_all' | 'update' | 'update_health_status' | 'resize' | 'upgrade'}`
  | `cluster:${'delete' | 'detail' | 'get_one' | 'get_all' | 'update' | 'upgrade'}_all_projects`
  | `nodegroup:${'get' | 'get_all' | 'get_one_all_projects' | 'get_all_all_projects' | 'create' | 'update' | 'delete'}`
  | `certificate:${'get' | 'create' | 'rotate_ca'}`
  | 'credential:rotate'

export type Target = Readonly<Record<string, unknown>>

export interface ApiServices {
  readonly store: ClusterStore
  /** Without a target, the caller's own project and user are acted on. @throws ApiError 403 */
  readonly enforce: (rule: ClusterRule, caller: Caller, target?: Target) => void
  readonly lookups: Pick<Lookups, 'find'>
  readonly certificates: Certificates
  /** Must not throw; whoever listens may be slow without anybody waiting for it. */
  readonly notify: (event: ClusterEvent) => void
  /** Why no driver covers clusters of such a template, in Magnum's words first; undefined when one does. */
  readonly unsupported: (template: ClusterTemplateSpec) => string | undefined
  /** What its driver says of a cluster, or of a further node group of one, before it is made. */
  readonly judge: (spec: ClusterSpec, image: NodeImage, group?: NodeGroupSpec) => Judgement
  readonly now: () => Date
  readonly newUuid: () => string
  /** From 0 up to, without, 1. */
  readonly random: () => number
  readonly settings: {
    /** `api.max_limit` @default 1000 */
    readonly maxLimit: number
    /** `quotas.max_clusters_per_project`; -1 without limit. */
    readonly maxClustersPerProject: number
    /** `cinder.default_boot_volume_size`, GB: of nodes whose labels say none. */
    readonly defaultBootVolumeSize: number
  }
}
