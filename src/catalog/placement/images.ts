import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: { works: { api: 'placement-api', 'db-sync': 'placement-api' } },
}
