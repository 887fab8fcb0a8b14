import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: { none: "Kolla has made no images of Ceph's daemons since Victoria" },
}
