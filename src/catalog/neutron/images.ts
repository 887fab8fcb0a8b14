import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      api: 'neutron-server',
      rpc: 'neutron-server',
      periodic: 'neutron-server',
      maintenance: 'neutron-server',
      'db-sync': 'neutron-server',
      agent: 'neutron-ovn-agent',
    },
  },
}
