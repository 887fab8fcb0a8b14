/**
 * What is true of all official Kolla images, read in `openstack/kolla` and `openstack/kolla-ansible` (stable/2025.1 and
 * stable/2026.1): `docker/base`, `docker/openstack-base`, `group_vars`. What is true of one service's stands in its folder.
 */
import { programsDir, type Source } from './source.ts'
import { text } from './text.ts'

export const kolla: Source = {
  registry: 'quay.io/openstack.kolla',
  distro: 'ubuntu',
  tags: {
    '2025.1': { debian: 'debian-bookworm', rocky: 'rocky-9', ubuntu: 'ubuntu-noble' },
    '2026.1': { debian: 'debian-trixie', rocky: 'rocky-10', ubuntu: 'ubuntu-noble' },
  },
  words: { '/var/lib/openstack': '/var/lib/kolla/venv' },
  // Its preparations are for Kolla-Ansible's own order of things: a module loaded, logs in files, schemas.
  env: { KOLLA_SKIP_EXTEND_START: 'true' },
  programs: { 'croque-wait': text(import.meta.url, '../../images/contract/root/usr/local/bin/croque-wait') },
  wait: ['python3', '-IS', `${programsDir}/croque-wait`],
  // `sudo -E kolla_set_configs`, which copies files, gives them away and sets their modes.
  capabilities: ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'],
  standIns: { base: 'memcached', compute: 'nova-libvirt', ovn: 'ovn-controller' },
}
