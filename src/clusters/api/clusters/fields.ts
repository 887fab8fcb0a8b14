/** The fields of a cluster on the wire, in requests and answers. */
import { statusNames } from '../../model/index.ts'
import {
  boolean,
  dictionary,
  type FieldTable,
  field,
  integer,
  labels,
  links,
  list,
  moment,
  oneOf,
  plainText,
  text,
  uuid,
} from '../wire/index.ts'

/** Statuses that Magnum knows and no cluster here can have: an answer never has them, a request may. */
const otherStatuses = [
  'RESUME_COMPLETE',
  'RESUME_FAILED',
  'RESTORE_COMPLETE',
  'SNAPSHOT_COMPLETE',
  'CHECK_COMPLETE',
  'ADOPT_COMPLETE',
] as const
export const clusterStatusType = oneOf<string>(...statusNames, ...otherStatuses)

const short255 = text({ min: 1, max: 255 })
const readOnly = { readOnly: true } as const

/** A cluster and a bay of old have these in common. Fields that the wire takes and nobody reads are Magnum's: `status` and its kin. */
export const sharedFields = {
  uuid: field(uuid()),
  name: field(text({ min: 1, max: 242, pattern: /^[a-zA-Z][a-zA-Z0-9_.-]*$/ })),
  docker_volume_size: field(integer({ min: 1 })),
  labels: field(labels()),
  master_flavor_id: field(short255),
  flavor_id: field(short255),
  links: field(links(), readOnly),
  status: field(clusterStatusType),
  status_reason: field(plainText()),
  discovery_url: field(plainText()),
  api_address: field(plainText(), readOnly),
  coe_version: field(plainText(), readOnly),
  container_version: field(plainText(), readOnly),
  node_addresses: field(list(plainText()), readOnly),
  master_addresses: field(list(plainText()), readOnly),
  fixed_network: field(short255),
  fixed_subnet: field(short255),
  master_lb_enabled: field(boolean()),
  created_at: field(moment(), readOnly),
  updated_at: field(moment(), readOnly),
} as const satisfies FieldTable

export const clusterFields = {
  ...sharedFields,
  cluster_template_id: field(plainText(), { mandatory: true }),
  keypair: field(short255, { default: null }),
  node_count: field(integer({ min: 0 }), { default: 1 }),
  master_count: field(integer({ min: 1 }), { default: 1 }),
  create_timeout: field(integer({ min: 0 }), { default: 60 }),
  stack_id: field(plainText(), { ...readOnly, versions: { to: 12 } }),
  cluster_id: field(plainText(), { ...readOnly, versions: { from: 13 } }),
  health_status: field(oneOf('HEALTHY', 'UNHEALTHY', 'UNKNOWN')),
  health_status_reason: field(dictionary()),
  project_id: field(plainText(), readOnly),
  user_id: field(plainText(), readOnly),
  faults: field(dictionary()),
  floating_ip_enabled: field(boolean()),
  merge_labels: field(boolean(), { default: false }),
  labels_overridden: field(labels()),
  labels_added: field(labels()),
  labels_skipped: field(labels()),
} as const satisfies FieldTable

export const shortClusterFields = [
  'uuid',
  'name',
  'cluster_template_id',
  'keypair',
  'docker_volume_size',
  'labels',
  'node_count',
  'status',
  'master_flavor_id',
  'flavor_id',
  'create_timeout',
  'master_count',
  'health_status',
  'stack_id',
  'cluster_id',
  'links',
] as const satisfies readonly (keyof typeof clusterFields)[]
