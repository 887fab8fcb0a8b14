/** Volumes of a server: one to boot from, and others for directories that shall not be on the disk that it boots from. */
import { get, param, type Resource, type Template } from './template.ts'

export interface Volume {
  /** GB. */
  readonly size: number
  readonly type?: string
  readonly availabilityZone?: string
}

export interface NodeVolumes {
  /** To boot from; absent: the server's own disk. */
  readonly bootVolume?: Volume
  /** For images and containers. */
  readonly containerVolume?: Volume
  /** For the data of etcd, on masters. */
  readonly etcdVolume?: Volume
}

/** What a node's stack has of them, and its server. */
export function volumesOf(
  role: 'master' | 'minion',
  { bootVolume, containerVolume, etcdVolume }: NodeVolumes,
): { readonly resources: Template['resources']; readonly server: NonNullable<Resource['properties']> } {
  const boot = `kube_${role}_volume`
  const data = {
    ...(containerVolume === undefined ? {} : { containers: containerVolume }),
    ...(etcdVolume === undefined || role === 'minion' ? {} : { etcd: etcdVolume }),
  }
  const names = Object.keys(data)
  const mapping = [
    ...(bootVolume === undefined ? [] : [mapped(0, boot)]),
    ...names.map((name) => mapped(-1, `${name}_volume`)),
  ]
  return {
    resources: {
      ...(bootVolume === undefined ? {} : { [boot]: resourceOf(bootVolume, { image: param('image') }) }),
      ...Object.fromEntries(Object.entries(data).map(([name, volume]) => [`${name}_volume`, resourceOf(volume)])),
    },
    server: {
      ...(bootVolume === undefined ? { image: param('image') } : {}),
      ...(mapping.length === 0 ? {} : { block_device_mapping_v2: mapping }),
      // By these names the node finds them.
      ...(names.length === 0
        ? {}
        : { metadata: Object.fromEntries(names.map((name) => [`croque_${name}`, get(`${name}_volume`)])) }),
    },
  }
}

/** It goes with the stack, not with the server. */
const mapped = (index: number, name: string): object => ({
  ...{ boot_index: index, volume_id: get(name), delete_on_termination: false },
})

const resourceOf = ({ size, type, availabilityZone }: Volume, more: object = {}): Resource => ({
  type: 'OS::Cinder::Volume',
  properties: {
    size,
    ...more,
    ...(type === undefined ? {} : { volume_type: type }),
    ...(availabilityZone === undefined ? {} : { availability_zone: availabilityZone }),
  },
})
