import type { ServiceDefinition } from '../model.ts'

export const images: ServiceDefinition['images'] = {
  kolla: {
    works: {
      api: 'nova-api',
      metadata: 'nova-api',
      conductor: 'nova-conductor',
      scheduler: 'nova-scheduler',
      novncproxy: 'nova-novncproxy',
      libvirt: 'nova-libvirt',
      compute: 'nova-compute',
      'db-sync': 'nova-api',
    },
    // Its sudoers let Nova become root by rootwrap only.
    words: {
      'sudo /var/lib/openstack/bin/privsep-helper': 'sudo nova-rootwrap /etc/nova/rootwrap.conf privsep-helper',
    },
    wordsOn: { rocky: { 'libvirt-qemu:libvirt-qemu': 'qemu:qemu' } },
  },
}
