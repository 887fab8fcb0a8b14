/**
 * Container guests: servers that are containers of their node, by libvirt's LXC driver, on nodes of their own. Which images become
 * such guests, what keeps them from the machine and what they cannot have: docs/decisions/2026-11-29-lxc-hypervisor.md.
 */
import { type BuildContext, type Component, configDir, type NodeNeed, onNode } from '../model.ts'
import { queueProbes, venvBin } from '../oslo.ts'
import { text } from '../text.ts'
import { confFile, novaConf } from './conf.ts'
import { cgroupFiles, computeEnv, computeNeeds, nodeCgroups, nodeConf, nodeVolumes } from './node.ts'

const placement = { placement: ['compute-lxc'], notOn: ['compute'] } as const

const libvirtdConf = `auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
log_outputs = "3:stderr"
`

export const libvirtLxc: Component = {
  name: 'libvirt-lxc',
  kind: 'daemonset',
  summary: 'libvirt, which starts the container guests of a node',
  image: 'compute',
  command: ['sh', `${configDir}/libvirt-lxc.sh`],
  user: 'root',
  privileged: 'starts containers and moves itself out of the cgroup of its Pod',
  hostNetwork: true,
  hostPid: true,
  ...placement,
  update: 'delete',
  priority: 'infrastructure',
  files: {
    ...cgroupFiles,
    [`${configDir}/libvirt-lxc.sh`]: { text: text(import.meta.url, './libvirt-lxc.sh') },
    [`${configDir}/libvirtd.conf`]: { text: libvirtdConf },
    '/etc/libvirt/lxc.conf': { text: 'security_driver = "none"\n' },
  },
  volumes: [
    ...nodeVolumes,
    // The definitions of its guests, by which the next Pod knows those that it finds running.
    { kind: 'host', name: 'etc-libvirt-lxc', path: '/var/lib/croque/libvirt-lxc', mountPath: '/etc/libvirt/lxc' },
    nodeCgroups,
  ],
  needs: [onNode('ovn/vswitchd')],
  resources: { cpu: '50m', memory: '64Mi' },
  probes: { ready: { exec: ['virsh', '-c', 'lxc:///', 'list'] }, live: false },
  graceSeconds: 40,
}

const computeConf = (context: BuildContext) => ({
  ...nodeConf(context),
  DEFAULT: {
    ...novaConf(context).DEFAULT,
    compute_driver: 'container_driver.ContainerDriver',
    // libvirt asks the init of a container to end by SIGTERM, at which systemd does something else: whoever waits waits in vain.
    shutdown_timeout: 5,
  },
  libvirt: {
    virt_type: 'lxc',
    connection_uri: 'lxc:///',
    cpu_mode: 'none',
    // A container has its disk mounted from a loop device.
    images_type: 'raw',
    wait_soft_reboot_seconds: 5,
  },
  vnc: { enabled: false },
})

export const computeLxc = (context: BuildContext): Component => ({
  name: 'compute-lxc',
  kind: 'daemonset',
  summary: 'nova-compute, which makes container guests on a node',
  image: 'compute',
  command: [`${venvBin}/python`, `${configDir}/nova-compute`],
  user: 'nova',
  privileged: 'plugs guests into the switch of the node and mounts their disks',
  hostNetwork: true,
  ...placement,
  files: {
    [confFile]: { ini: computeConf(context) },
    [`${configDir}/nova-compute`]: { text: text(import.meta.url, './nova-compute.py') },
    [`${configDir}/container_driver.py`]: { text: text(import.meta.url, './container_driver.py') },
  },
  env: computeEnv(context),
  volumes: nodeVolumes,
  needs: [onNode('nova/libvirt-lxc'), ...computeNeeds],
  resources: { cpu: '50m', memory: '256Mi' },
  probes: queueProbes(context, 'nova-compute'),
  graceSeconds: 25,
})

/** The scheduler's part: see `container_hosts.py`. The first five are those that Nova has where nothing is said. */
export const schedulerFilters = {
  available_filters: ['nova.scheduler.filters.all_filters', 'container_hosts.ContainerHostsFilter'],
  enabled_filters: [
    'ComputeFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'ServerGroupAntiAffinityFilter',
    'ServerGroupAffinityFilter',
    'ContainerHostsFilter',
  ].join(','),
}
export const schedulerFilterFiles = {
  [`${configDir}/container_hosts.py`]: { text: text(import.meta.url, './container_hosts.py') },
}
export const schedulerFilterEnv = { PYTHONPATH: configDir }

/** Devices are kept from guests by the first version of control groups; the second has only programs of BPF for that, which no shell writes. */
export const lxcNeeds: readonly NodeNeed[] = [
  {
    check: 'cgroup version 1',
    roles: ['compute-lxc'],
    test: 'test -d /sys/fs/cgroup/devices && test -d /sys/fs/cgroup/memory && test -d /sys/fs/cgroup/pids',
    message:
      'container guests, as which nodes of clusters run without KVM, need control groups of version 1 (devices, memory, pids), which are not mounted on',
    next: 'Boot with systemd.unified_cgroup_hierarchy=0 (and SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 where systemd is 256 or newer), or leave container guests out (spec.underlay.lxcNodes: 0)',
  },
]
