/** What tests of the wire share. */
import { ApiError } from '../route.ts'
import { type FieldTable, field } from './field.ts'
import {
  boolean,
  dictionary,
  dnsServers,
  integer,
  labels,
  links,
  list,
  moment,
  nested,
  oneOf,
  plainText,
  text,
  uuid,
} from './types.ts'

/** A resource with a field of every kind. */
export const thingFields = {
  uuid: field(uuid()),
  name: field(text({ min: 1, max: 10, pattern: /^[a-zA-Z][a-zA-Z0-9_.-]*$/ })),
  template_id: field(plainText(), { mandatory: true }),
  keypair: field(text({ min: 1, max: 255 }), { default: null }),
  node_count: field(integer({ min: 0, max: 9 }), { default: 1 }),
  labels: field(labels()),
  reason: field(dictionary()),
  merge_labels: field(boolean(), { default: false }),
  coe: field(oneOf('kubernetes', 'swarm-mode')),
  dns: field(dnsServers()),
  taints: field(list(nested({ key: field(plainText(), { mandatory: true }), value: field(plainText()) })), {
    versions: { from: 14 },
  }),
  stack_id: field(plainText(), { readOnly: true, versions: { to: 12 } }),
  cluster_id: field(plainText(), { readOnly: true, versions: { from: 13 } }),
  links: field(links(), { readOnly: true }),
  created_at: field(moment(), { readOnly: true }),
} as const satisfies FieldTable

/** Status and text of what a call refuses; undefined when it does not. */
export function refusal(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.message}`
    throw error
  }
}
