/** The fields of a node group on the wire. */
import { clusterStatusType } from '../clusters/fields.ts'
import {
  boolean,
  dictionary,
  type FieldTable,
  type FieldType,
  field,
  integer,
  labels,
  links,
  list,
  moment,
  plainText,
  text,
  uuid,
} from '../wire/index.ts'

const short255 = text({ min: 1, max: 255 })
const readOnly = { readOnly: true } as const

/** Whoever reads the list finds what is wrong with a null in it. */
const orNull = <Value>(type: FieldType<Value>): FieldType<Value | null> => ({
  ...type,
  check: (value) => (value === null ? null : type.check(value)),
})

export const nodeGroupFields = {
  id: field(integer({ min: 1 })),
  uuid: field(uuid()),
  name: field(short255, { default: null }),
  cluster_id: field(uuid()),
  project_id: field(plainText(), readOnly),
  docker_volume_size: field(integer({ min: 1 })),
  labels: field(labels()),
  links: field(links(), readOnly),
  flavor_id: field(short255),
  image_id: field(short255),
  node_addresses: field(list(plainText()), readOnly),
  node_count: field(integer({ min: 0 }), { default: 1 }),
  role: field(short255, { default: 'worker' }),
  min_node_count: field(integer({ min: 0 }), { default: 0 }),
  max_node_count: field(integer({ min: 0 }), { default: null }),
  is_default: field(boolean()),
  stack_id: field(plainText(), readOnly),
  status: field(clusterStatusType),
  status_reason: field(plainText()),
  version: field(plainText()),
  merge_labels: field(boolean(), { default: false }),
  labels_overridden: field(labels()),
  labels_added: field(labels()),
  labels_skipped: field(labels()),
  // Those of 1.14. Magnum knows them in every version too.
  node_labels: field(dictionary({ bounded: true })),
  node_taints: field(list(orNull(dictionary()), { bounded: true })),
  created_at: field(moment(), readOnly),
  updated_at: field(moment(), readOnly),
} as const satisfies FieldTable

export const shortNodeGroupFields = [
  'uuid',
  'name',
  'flavor_id',
  'image_id',
  'node_count',
  'role',
  'is_default',
  'status',
  'stack_id',
] as const satisfies readonly (keyof typeof nodeGroupFields)[]
