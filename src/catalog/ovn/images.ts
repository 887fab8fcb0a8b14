import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      nb: 'ovn-nb-db-server',
      sb: 'ovn-sb-db-server',
      northd: 'ovn-northd',
      ovsdb: 'openvswitch-db-server',
      vswitchd: 'openvswitch-vswitchd',
      gateway: 'ovn-controller',
      controller: 'ovn-controller',
    },
  },
}
