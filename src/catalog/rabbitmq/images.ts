import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = { kolla: { works: { server: 'rabbitmq', users: 'rabbitmq' } } }
