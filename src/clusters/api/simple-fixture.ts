/** The simple resources behind a real server, with Magnum's policy and a store in memory. */
import { createMemoryStore } from '../model/index.ts'
import { makeClusterPolicy } from '../policy/index.ts'
import { findAnything } from './fixture.ts'
import { testServer } from './http/fixture.ts'
import type { ResourceServices } from './resource-services.ts'
import type { Route } from './route.ts'
import { simpleResourceRoutes } from './simple-resources.ts'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  // Tests look into bodies without types.
  readonly body: Readonly<Record<string, unknown>>
  /** Of the first error. */
  readonly detail: string | undefined
}

export interface Place {
  readonly services: ResourceServices
  readonly routes: readonly Route[]
  /** `GET /v1/stats`, by the token `member` of project `project`, `other` of `other`, or `admin`. */
  ask(
    line: string,
    sent?: { readonly body?: unknown; readonly token?: string; readonly version?: string },
  ): Promise<Answered>
}

export function place(changes: Partial<ResourceServices> = {}): Place {
  const made = makeClusterPolicy()
  if (!made.ok) throw new Error('the default policy has problems')
  let clock = Date.parse('2026-11-28T16:00:00Z')
  let uuids = 0
  const services: ResourceServices = {
    store: createMemoryStore(),
    enforce: made.policy.enforce,
    may: made.policy.may,
    lookups: { find: findAnything },
    unsupported: () => undefined,
    // Every look at the clock is a second later.
    now: () => {
      clock += 1000
      return new Date(clock)
    },
    newUuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
    random: () => 0,
    settings: { maxLimit: 1000, maxClustersPerProject: 20, defaultBootVolumeSize: 0 },
    projectExists: async (projectId) => await Promise.resolve(projectId !== 'nowhere'),
    services: async () => await Promise.resolve([]),
    ...changes,
  }
  const routes = simpleResourceRoutes(services)
  const { app } = testServer({ routes })
  return {
    services,
    routes,
    ask: async (line, { body, token = 'member', version = 'latest' } = {}) => {
      const [method, url = ''] = line.split(' ')
      const answer = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          accept: 'application/json',
          host: 'magnum',
          'x-auth-token': token,
          'openstack-api-version': `container-infra ${version}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      })
      const parsed = (answer.body === '' ? {} : JSON.parse(answer.body)) as Answered['body']
      const errors = parsed['errors'] as readonly { readonly detail: string }[] | undefined
      return { status: answer.statusCode, headers: answer.headers, body: parsed, detail: errors?.[0]?.detail }
    },
  }
}
