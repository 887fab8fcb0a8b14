/** What an ordinary OpenStack service declares, from a few facts. */
import { type CatalogContext, type Declarations, secretName } from './model.ts'
import { internalUrl } from './oslo.ts'

export interface OpenStackService {
  readonly name: string
  /** Type in the service catalog, e.g. `compute`. */
  readonly type: string
  readonly port: number
  /** Path of the endpoint after the prefix, e.g. `/v2.1`. */
  readonly path?: string
  /** Other types under which clients look for the same API, with the name of the service that they belong to. */
  readonly alsoKnownAs?: Readonly<Record<string, string>>
  /** @default the one of its name */
  readonly databases?: readonly string[]
  readonly queue?: boolean
  /** Why the service's user needs the role `admin` beside `service`; absent: it does not have it. */
  readonly admin?: string
}

/** One Keystone user, one database user, one queue user, one route: each with a password of its own. */
export function openStackService(context: CatalogContext, service: OpenStackService): Declarations {
  const { name, type, port, path = '', alsoKnownAs = {}, databases = [name] } = service
  const types = { [type]: name, ...alsoKnownAs }
  const password = { kind: 'password', length: 32 } as const
  return {
    databases: databases.map((database) => ({
      name: database,
      user: name,
      passwordKey: 'database-password',
    })),
    ...(service.queue === true ? { queues: [{ user: name, vhost: name, passwordKey: 'queue-password' }] } : {}),
    identity: {
      users: [
        {
          name,
          passwordKey: 'service-password',
          roles: [...(service.admin === undefined ? [] : ['admin']), 'service'],
        },
      ],
      endpoints: Object.entries(types).map(([each, owner]) => ({
        service: owner,
        type: each,
        internalUrl: internalUrl(context, `${name}-api`, port, path),
        publicPath: `/${type}${path}`,
      })),
    },
    routes: [{ name, prefix: `/${type}`, component: `${name}/api`, port }],
    secrets: {
      [secretName(name)]: {
        keys: {
          ...(databases.length > 0 ? { 'database-password': password } : {}),
          'service-password': password,
          ...(service.queue === true ? { 'queue-password': password } : {}),
        },
      },
    },
  }
}
