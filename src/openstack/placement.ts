/** Resource providers and their inventories (Placement). */
import { Fields } from './fields.ts'
import type { Session } from './session.ts'

export interface ResourceProvider {
  readonly id: string
  readonly name: string
}

export interface Placement {
  readonly providers: () => Promise<readonly ResourceProvider[]>
  /** Resource classes that the provider offers: `VCPU`, `MEMORY_MB`, `DISK_GB`; empty until nova-compute has reported. */
  readonly inventory: (provider: string) => Promise<readonly string[]>
}

const headers = { 'openstack-api-version': 'placement 1.39' }

export function placement(session: Session): Placement {
  return {
    providers: async () => {
      const { body } = await session.request('placement', 'GET', '/resource_providers', { headers })
      return new Fields(body, 'GET placement /resource_providers').list('resource_providers', (provider) => ({
        id: provider.text('uuid'),
        name: provider.text('name'),
      }))
    },
    inventory: async (provider) => {
      const { status, body } = await session.request(
        'placement',
        'GET',
        `/resource_providers/${provider}/inventories`,
        {
          headers,
          okStatus: [200, 404],
        },
      )
      return status === 404 ? [] : new Fields(body, 'GET placement inventories').object('inventories').names()
    },
  }
}
