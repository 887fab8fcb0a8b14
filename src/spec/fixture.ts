/** A small catalog for tests. */
import type { KnownService } from './known.ts'

export const knownServices = (): readonly KnownService[] => [
  { name: 'mariadb', components: ['server'], files: {}, singletons: ['server'] },
  { name: 'keystone', components: ['api'], files: { 'keystone.conf': undefined }, needs: ['mariadb'] },
  {
    name: 'neutron',
    components: ['api', 'agent'],
    files: { 'neutron.conf': undefined, 'ml2_conf.ini': undefined },
    perNode: { agent: ['neutron.conf'] },
  },
  { name: 'ovn', components: ['ovsdb'], files: {}, perNode: { ovsdb: [] } },
  {
    name: 'nova',
    components: ['api', 'conductor', 'compute'],
    needs: ['mariadb', 'keystone'],
    files: {
      'nova.conf': {
        DEFAULT: ['cpu_allocation_ratio', 'debug', 'transport_url'],
        neutron: ['auth_type', 'metadata_proxy_shared_secret'],
      },
    },
    perNode: { compute: ['nova.conf'] },
  },
]
