import type { ServiceDefinition } from '../model.ts'
import { images } from './images.ts'

export const memcached: ServiceDefinition = {
  name: 'memcached',
  summary: 'memcached, the cache for tokens',
  optionLists: {},
  images,
  declares: () => ({}),
  build: (context) => ({
    components: [
      {
        name: 'server',
        kind: 'deployment',
        summary: 'the cache for tokens',
        image: 'memcached',
        command: ['memcached', '-l', '0.0.0.0', '-p', '11211', '-m', '64', '-c', '1024', '-U', '0'],
        user: 'memcached',
        placement: ['control'],
        replicas: context.replicas('memcached', 'server'),
        priority: 'infrastructure',
        ports: [{ name: 'memcache', port: 11211 }],
        needs: [],
        resources: { cpu: '10m', memory: '32Mi' },
        probes: { ready: { tcp: 11211 } },
      },
    ],
  }),
}
