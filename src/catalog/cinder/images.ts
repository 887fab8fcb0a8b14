import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      api: 'cinder-api',
      scheduler: 'cinder-scheduler',
      volume: 'cinder-volume',
      backup: 'cinder-backup',
      'db-sync': 'cinder-api',
    },
  },
}
