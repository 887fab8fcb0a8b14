import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: { works: { api: 'heat-api', 'api-cfn': 'heat-api-cfn', engine: 'heat-engine', 'db-sync': 'heat-api' } },
}
