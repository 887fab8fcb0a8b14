/** The OCI runtime configuration of a node container. Pure; every entry's reason is in `docs/decisions/node-container.md`. */
import type { NodeLayout } from './layout.ts'

export interface ContainerInput {
  readonly node: NodeLayout
  readonly cgroup: string
  /** Capabilities in this machine's bounding set, `CAP_…`; asking for another one would fail. */
  readonly capabilities: readonly string[]
  readonly kvm: boolean
  /** The machine's kernel modules directory, where there is one. */
  readonly modules: boolean
}

interface Device {
  readonly path: string
  /** Character or block; numbers mean another device in each. */
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
}

const devices = (loops: number): readonly Device[] => [
  { path: '/dev/kmsg', type: 'c', major: 1, minor: 11 },
  { path: '/dev/fuse', type: 'c', major: 10, minor: 229 },
  { path: '/dev/net/tun', type: 'c', major: 10, minor: 200 },
  { path: '/dev/loop-control', type: 'c', major: 10, minor: 237 },
  ...Array.from({ length: loops }, (_, minor) => ({ path: `/dev/loop${minor}`, type: 'b' as const, major: 7, minor })),
]
/** The disk of every container guest is one, and the kernel numbers those of all nodes together. */
const loopsOf = ({ kind }: NodeLayout): number => (kind === 'lxc' ? 128 : 8)
const kvmDevice: Device = { path: '/dev/kvm', type: 'c', major: 10, minor: 232 }

/** Parts of /proc that are the machine's own: the kubelet would write them. */
const machineProc = [
  '/proc/sys/vm',
  '/proc/sys/kernel',
  '/proc/sys/fs',
  '/proc/sysrq-trigger',
  '/proc/irq',
  '/proc/bus',
]

export function containerConfig(input: ContainerInput): object {
  const { node, capabilities } = input
  const sets = { bounding: capabilities, effective: capabilities, permitted: capabilities }
  return {
    ociVersion: '1.0.2',
    hostname: node.name,
    root: { path: node.merged, readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args: ['/usr/bin/catatonit', '--', '/usr/lib/croque/node-init'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'container=croque'],
      capabilities: sets,
      noNewPrivileges: false,
    },
    mounts: mountsOf(input),
    linux: {
      cgroupsPath: input.cgroup,
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
        { type: 'network', path: node.netns },
      ],
      rootfsPropagation: 'shared',
      readonlyPaths: machineProc,
      devices: [...devices(loopsOf(node)), ...(input.kvm ? [kvmDevice] : [])].map((device) => ({
        ...device,
        fileMode: device.type === 'b' ? 0o660 : 0o666,
        uid: 0,
        gid: 0,
      })),
      resources: { devices: [{ allow: true, access: 'rwm' }] },
    },
  }
}

function mountsOf({ node, modules }: ContainerInput): readonly object[] {
  const plain = (type: string, destination: string, options: readonly string[]): object => ({
    destination,
    type,
    source: type,
    options,
  })
  return [
    plain('proc', '/proc', ['rw', 'nosuid', 'noexec', 'nodev']),
    plain('tmpfs', '/dev', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    plain('devpts', '/dev/pts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    plain('tmpfs', '/dev/shm', ['nosuid', 'nodev', 'mode=1777']),
    plain('mqueue', '/dev/mqueue', ['nosuid', 'noexec', 'nodev']),
    plain('sysfs', '/sys', ['rw', 'nosuid', 'noexec', 'nodev']),
    plain('cgroup', '/sys/fs/cgroup', ['rw', 'nosuid', 'noexec', 'nodev', 'relatime']),
    plain('tmpfs', '/run', ['rw', 'nosuid', 'nodev', 'mode=755']),
    plain('tmpfs', '/tmp', ['rw', 'nosuid', 'nodev', 'mode=1777']),
    { destination: '/var', type: 'bind', source: node.data, options: ['rbind', 'rw'] },
    ...(modules
      ? [{ destination: '/lib/modules', type: 'bind', source: '/lib/modules', options: ['rbind', 'ro'] }]
      : []),
  ]
}
