import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: { none: "the API of clusters is croque's own program, of which Kolla has no image" },
}
