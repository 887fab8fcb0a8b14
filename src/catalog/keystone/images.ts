import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      api: 'keystone',
      'db-sync': 'keystone',
      bootstrap: 'keystone',
      identity: 'keystone',
      'fernet-rotate': 'keystone',
      'credential-rotate': 'keystone',
    },
  },
}
