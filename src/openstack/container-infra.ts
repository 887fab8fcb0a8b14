/** Clusters of containers (Magnum). */
import { Fields } from './fields.ts'
import type { Session } from './session.ts'

export interface ConductorService {
  readonly binary: string
  readonly host: string
  /** `up` or `down`. */
  readonly state: string
}

export interface ContainerInfra {
  /** What works on clusters, as the service sees it. */
  readonly services: () => Promise<readonly ConductorService[]>
}

/** As python-magnumclient asks. */
const headers = { 'openstack-api-version': 'container-infra latest' }

export function containerInfra(session: Session): ContainerInfra {
  return {
    services: async () => {
      const { body } = await session.request('container-infra', 'GET', '/mservices', { headers })
      return new Fields(body, 'GET container-infra /mservices').list('mservices', (service) => ({
        binary: service.text('binary'),
        host: service.optionalText('host') ?? 'a replica',
        state: service.text('state'),
      }))
    },
  }
}
