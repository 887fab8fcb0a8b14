import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = { kolla: { works: { api: 'glance-api', 'db-sync': 'glance-api' } } }
