/**
 * The custom resources of `croque.dev` that hold what tenants asked for and what became of it. One zod schema each gives the type,
 * the check at the edge, and the CustomResourceDefinition. Names of objects are UUIDs as Magnum gives them out; `spec` is what was
 * wished (written by the API only), `status` what is (written by the reconciler only, but for health that an auto-healer reports).
 *
 * One object, the Cluster, is where every change of a cluster is decided: a change is a conditional write of {@link Operation} into its
 * `spec`, and exactly one of two concurrent writers wins. What belongs to the change but lies in other objects (its node groups) is
 * carried in the operation itself, and is written there by whoever comes first, the API that answers or the reconciler that goes on
 * after it was killed: nothing is ever half-written.
 */
import { z } from 'zod'

export const group = 'croque.dev'
export const apiVersion = `${group}/v1alpha1`
/** Which project an object belongs to: `croque.dev/project: <id>`. */
export const projectLabel = `${group}/project`
/** Which cluster a node group or a Secret belongs to: `croque.dev/cluster: <uuid>`. */
export const clusterLabel = `${group}/cluster`
/** On Clusters, until nothing of them is left in the cloud. */
export const finalizer = `${group}/cluster`

/** Labels of a template, a cluster or a node group: text to text. */
const labels = z.record(z.string(), z.string())
/** ISO 8601 in UTC with microseconds, `2026-11-28T16:00:00.123456Z`: they sort as text, and order what Magnum orders by its `id`. */
const moment = z.string()
const text = z.string()
const optionalText = z.string().optional()
const whole = z.int()

export const clusterTemplateSpec = z.object({
  /** Empty where it was taken away. */
  name: text,
  projectId: text,
  userId: text,
  createdAt: moment,
  updatedAt: moment.optional(),
  coe: z.enum(['kubernetes', 'swarm-mode']),
  imageId: text,
  /** `os_distro` of the image when the template was made. */
  clusterDistro: text,
  /** Name of the driver that serves it. */
  driver: optionalText,
  keypairId: optionalText,
  flavorId: optionalText,
  masterFlavorId: optionalText,
  externalNetworkId: optionalText,
  fixedNetwork: optionalText,
  fixedSubnet: optionalText,
  dnsNameserver: optionalText,
  networkDriver: optionalText,
  volumeDriver: optionalText,
  dockerStorageDriver: optionalText,
  /** GB. */
  dockerVolumeSize: whole.optional(),
  serverType: z.enum(['vm', 'bm']),
  apiserverPort: whole.optional(),
  httpProxy: optionalText,
  httpsProxy: optionalText,
  noProxy: optionalText,
  insecureRegistry: optionalText,
  /** Comma-separated, as it was sent. */
  tags: optionalText,
  labels,
  tlsDisabled: z.boolean(),
  public: z.boolean(),
  hidden: z.boolean(),
  registryEnabled: z.boolean(),
  masterLbEnabled: z.boolean(),
  floatingIpEnabled: z.boolean(),
})

const role = z.string()
const taint = z.object({
  key: text,
  value: optionalText,
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
})

export const nodeGroupSpec = z.object({
  name: text,
  clusterId: text,
  projectId: text,
  createdAt: moment,
  updatedAt: moment.optional(),
  /** `master`, `worker`, or any other word. */
  role,
  isDefault: z.boolean(),
  flavorId: text,
  imageId: text,
  /** GB. */
  dockerVolumeSize: whole.optional(),
  labels,
  /** What the caller sent as labels of the node group itself, for `labels_added` and its kin. */
  ownLabels: labels,
  mergeLabels: z.boolean(),
  nodeLabels: labels,
  nodeTaints: z.array(taint),
  nodeCount: whole,
  minNodeCount: whole,
  maxNodeCount: whole.optional(),
  /** Servers that shall go at the next reconcile, by UUID or index; kept until the driver says they are gone. */
  nodesToRemove: z.array(text),
  /** The template whose image and versions its nodes shall have; differs from the cluster's while an upgrade goes group by group. */
  templateId: text,
})

/** Statuses of Magnum (magnum/objects/fields.py) that a cluster or a node group of ours can have. */
export const statusNames = [
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'CREATE_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_FAILED',
  'UPDATE_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'DELETE_COMPLETE',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
] as const
const statusName = z.enum(statusNames)

/**
 * A change of one node group that belongs to an operation: `spec` as it shall be (absent: it shall go), and `before` as it was
 * (absent: it is new), to go back to. What a spec was changed last by is told by `updatedAt ?? createdAt`, which is the operation's
 * `startedAt` and only grows within a cluster.
 */
const nodeGroupChange = z.object({ uuid: text, spec: nodeGroupSpec.optional(), before: nodeGroupSpec.optional() })

export const operationKinds = [
  'create',
  'update',
  'resize',
  'upgrade',
  'rotate-ca',
  'rotate-credential',
  'nodegroup-create',
  'nodegroup-update',
  'nodegroup-delete',
  'delete',
  /** Wished by the reconciler in the name of who wished the operation that failed, with `rollback`. */
  'rollback',
] as const

/** The last wish for a cluster. It is under way until `status.operation` has its id. */
const operation = z.object({
  id: text,
  kind: z.enum(operationKinds),
  startedAt: moment,
  userId: text,
  requestId: text,
  /** What to do when it fails: nothing, or go back (Magnum's `rollback=True`). */
  rollback: z.boolean(),
  nodeGroups: z.array(nodeGroupChange),
  /** Of a rollback: why. */
  reason: optionalText,
  /** Of an upgrade: nodes at once. */
  maxBatchSize: whole.optional(),
})

export const clusterSpec = z.object({
  name: text,
  projectId: text,
  userId: text,
  createdAt: moment,
  updatedAt: moment.optional(),
  templateId: text,
  keypair: optionalText,
  /** Text of the key pair as it was when the cluster was made: Nova keeps key pairs by person, and shows them to nobody else. */
  publicKey: optionalText,
  flavorId: optionalText,
  masterFlavorId: optionalText,
  /** GB. */
  dockerVolumeSize: whole.optional(),
  labels,
  ownLabels: labels,
  mergeLabels: z.boolean(),
  /** Minutes; 0 for ever. */
  createTimeout: whole,
  discoveryUrl: optionalText,
  fixedNetwork: optionalText,
  fixedSubnet: optionalText,
  floatingIpEnabled: z.boolean(),
  masterLbEnabled: z.boolean(),
  /** The template as it was when the cluster was made or last upgraded. Changes of the template do not reach living clusters. */
  template: clusterTemplateSpec,
  /** What the API noticed and did not refuse: a label that nothing reads. Shown in `status_reason`. */
  warnings: z.array(text),
  operation,
  /**
   * UUIDs of its node groups as the operation has them, without those that shall go. An object that is not among them was written by
   * somebody who slept since an operation long ago, and is none. Undefined: nobody wrote it down yet, and all are.
   */
  nodeGroups: z.array(text).optional(),
})

const healthName = z.enum(['HEALTHY', 'UNHEALTHY', 'UNKNOWN'])

/** A condition as Kubernetes has them (metav1.Condition). */
const condition = z.object({
  type: text,
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text,
  message: text,
  lastTransitionTime: text,
})

export const clusterStatus = z.object({
  /** Id of the last operation that ended; the one of `spec` is under way while they differ. */
  operation: optionalText,
  /** How that operation ended. */
  status: statusName.optional(),
  statusReason: optionalText,
  /** Id of the operation that the reconciler took up last: that it began was told. */
  begun: optionalText,
  /** What is waited for right now, one sentence; shown in `status_reason` while an operation is under way. */
  progress: optionalText,
  /** The statuses of parts that failed: name to reason. */
  faults: labels.optional(),
  stackId: optionalText,
  apiAddress: optionalText,
  coeVersion: optionalText,
  containerVersion: optionalText,
  healthStatus: healthName.optional(),
  healthStatusReason: labels.optional(),
  /** When a caller (magnum-auto-healer) last reported health; our own look keeps quiet for a while then. */
  healthReportedAt: moment.optional(),
  conditions: z.array(condition).optional(),
})

export const nodeGroupStatus = z.object({
  status: statusName.optional(),
  statusReason: optionalText,
  stackId: optionalText,
  nodeAddresses: z.array(text).optional(),
  /** Version of the nodes' Kubernetes or Docker. */
  version: optionalText,
})

/** How many of a resource a project may have, and what holds places of it. Claims come before clusters: a quota is never overrun. */
export const clusterQuotaSpec = z.object({
  /** Magnum's integer id: microseconds since 1970 when it was made. */
  id: whole,
  projectId: text,
  resource: z.enum(['Cluster']),
  /** Undefined: the configured default; -1 without limit. */
  hardLimit: whole.optional(),
  createdAt: moment,
  updatedAt: moment.optional(),
  /** UUIDs of clusters that were admitted, with when: one whose cluster never came is dropped after a while. */
  claims: z.record(z.string(), moment),
})

export type ClusterTemplateSpec = Readonly<z.infer<typeof clusterTemplateSpec>>
export type NodeGroupSpec = Readonly<z.infer<typeof nodeGroupSpec>>
export type NodeGroupStatus = Readonly<z.infer<typeof nodeGroupStatus>>
export type ClusterSpec = Readonly<z.infer<typeof clusterSpec>>
export type ClusterStatus = Readonly<z.infer<typeof clusterStatus>>
export type ClusterQuotaSpec = Readonly<z.infer<typeof clusterQuotaSpec>>
export type Operation = Readonly<z.infer<typeof operation>>
export type NodeGroupChange = Readonly<z.infer<typeof nodeGroupChange>>
export type NodeTaint = Readonly<z.infer<typeof taint>>
export type StatusName = z.infer<typeof statusName>
export type HealthName = z.infer<typeof healthName>

/** An object as the API server keeps it, reduced to what is read. */
export interface Stored<Spec, Status> {
  /** Name of the object. */
  readonly uuid: string
  /** Of the object in the API server; what a conditional write is conditional on. */
  readonly resourceVersion: string
  /** Kubernetes' own identity of the object, for owner references and events. */
  readonly uid: string
  /** Set once somebody deleted the object; it goes when its finalizers do. */
  readonly deletedAt?: string
  readonly spec: Spec
  readonly status: Status
}

export type ClusterTemplate = Stored<ClusterTemplateSpec, Record<string, never>>
export type Cluster = Stored<ClusterSpec, ClusterStatus>
export type NodeGroup = Stored<NodeGroupSpec, NodeGroupStatus>
export type ClusterQuota = Stored<ClusterQuotaSpec, Record<string, never>>
