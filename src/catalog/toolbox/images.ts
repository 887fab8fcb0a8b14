import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  // The only user of that image who may run the contract's programs.
  kolla: { works: { client: { image: 'kolla-toolbox', user: 'ansible' } } },
}
