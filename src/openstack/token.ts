/** A Keystone v3 token and the service catalog in it. */
import { Fields } from './fields.ts'

interface CatalogEntry {
  readonly type: string
  readonly endpoints: readonly { readonly interface: string; readonly region: string; readonly url: string }[]
}

export type ServiceCatalog = readonly CatalogEntry[]

export interface Token {
  /** Secret: never shown. */
  readonly id: string
  readonly expiresAt: Date
  readonly user: { readonly id: string; readonly name: string }
  /** Empty for a token of a domain. */
  readonly project: { readonly id: string; readonly name: string }
  readonly roles: readonly string[]
  readonly catalog: ServiceCatalog
}

export function parseToken(id: string, body: unknown): Token {
  const token = new Fields(body, 'POST identity /auth/tokens').object('token')
  return {
    id,
    expiresAt: new Date(token.text('expires_at')),
    user: named(token.object('user')),
    project: token.isObject('project') ? named(token.object('project')) : { id: '', name: '' },
    roles: token.list('roles', (role) => role.text('name')),
    catalog: parseCatalog(token),
  }
}

export function parseCatalog(holder: Fields): ServiceCatalog {
  return holder.list('catalog', (service) => ({
    type: service.text('type'),
    endpoints: service.list('endpoints', (endpoint) => ({
      interface: endpoint.text('interface'),
      region: endpoint.optionalText('region_id') ?? endpoint.optionalText('region') ?? '',
      url: endpoint.text('url'),
    })),
  }))
}

function named(fields: Fields): { readonly id: string; readonly name: string } {
  return { id: fields.text('id'), name: fields.text('name') }
}
