/** `openstack coe service list`: whether somebody reconciles. */

import type { ResourceServices, ServiceRow } from './resource-services.ts'
import type { ApiReply, ApiRequest, Route } from './route.ts'
import {
  boolean,
  type FieldTable,
  field,
  integer,
  listSchema,
  moment,
  oneOf,
  readArguments,
  render,
  shownMoment,
  text,
} from './wire/index.ts'

const serviceFields = {
  host: field(text({ min: 1, max: 255 })),
  binary: field(oneOf('magnum-conductor')),
  state: field(oneOf('up', 'down')),
  id: field(integer({ min: 1 })),
  report_count: field(integer({ min: 0 })),
  disabled: field(boolean(), { default: false }),
  disabled_reason: field(text({ min: 0, max: 255 })),
  created_at: field(moment()),
  updated_at: field(moment()),
} as const satisfies FieldTable

export function serviceRoutes(services: ResourceServices): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/mservices',
      name: 'magnum-service:get_all',
      handle: (request) => listServices(services, request),
      describes: { summary: 'The service that makes clusters', answer: listSchema('mservices', serviceFields) },
    },
  ]
}

async function listServices(services: ResourceServices, { query, caller, version }: ApiRequest): Promise<ApiReply> {
  readArguments(query, {})
  services.enforce('magnum-service:get_all', caller)
  const rows = await services.services()
  return {
    status: 200,
    body: { mservices: rows.map((row) => render(serviceFields, shown(row), { minor: version.minor })) },
  }
}

function shown(row: ServiceRow): Readonly<Record<keyof typeof serviceFields, unknown>> {
  return {
    host: row.host,
    binary: row.binary,
    state: row.isUp ? 'up' : 'down',
    id: row.id,
    report_count: row.reportCount,
    disabled: false,
    disabled_reason: null,
    created_at: shownMoment(row.createdAt),
    updated_at: row.updatedAt === undefined ? null : shownMoment(row.updatedAt),
  }
}
