import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      web: {
        image: 'horizon',
        user: 'root',
        root: 'the image makes its static files when it starts, in directories of root',
        // Its preparation is not left out, and uWSGI becomes Horizon's user afterwards.
        env: { ENABLE_HEAT: 'yes', UWSGI_UID: 'horizon', UWSGI_GID: 'horizon' },
      },
    },
  },
}
