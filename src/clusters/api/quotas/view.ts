/** Quotas on the wire. */
import type { ClusterQuota } from '../../model/index.ts'
import {
  type Columns,
  type FieldTable,
  field,
  integer,
  moment,
  oneOf,
  render,
  shownMoment,
  text,
} from '../wire/index.ts'

export const quotaFields = {
  id: field(integer({ min: 1 })),
  hard_limit: field(integer({ min: 0 }), { default: 1 }),
  project_id: field(text({ min: 1, max: 255 }), { default: null }),
  resource: field(oneOf('Cluster'), { default: 'Cluster' }),
  created_at: field(moment(), { readOnly: true }),
  updated_at: field(moment(), { readOnly: true }),
} as const satisfies FieldTable

/** A default may be -1, without limit. */
export const shownQuotaFields = { ...quotaFields, hard_limit: field(integer({ min: -1 }), { default: 1 }) }

export function shownQuota({ spec }: ClusterQuota, minor: number): Record<string, unknown> {
  const values = {
    id: spec.id,
    hard_limit: spec.hardLimit,
    project_id: spec.projectId,
    resource: spec.resource,
    created_at: shownMoment(spec.createdAt),
    updated_at: spec.updatedAt === undefined ? null : shownMoment(spec.updatedAt),
  }
  return render(quotaFields, values, { minor })
}

/** A project that nobody gave a quota of its own has no number and no dates. */
export function defaultQuota(projectId: string, hardLimit: number, minor: number): Record<string, unknown> {
  return render(quotaFields, { project_id: projectId, hard_limit: hardLimit }, { minor })
}

export const quotaColumns: Columns<ClusterQuota> = {
  hard_limit: ({ spec }) => spec.hardLimit,
  project_id: ({ spec }) => spec.projectId,
  resource: ({ spec }) => spec.resource,
  created_at: ({ spec }) => spec.createdAt,
  updated_at: ({ spec }) => spec.updatedAt,
}
