/** Images of Cinder CSI, and how the kubelet asks whether it is alive. */
import type { Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'

/** Label of each, and the version that cloud-provider-openstack v1.36 names beside itself. */
const sidecars = {
  'csi-attacher': ['csi_attacher_tag', 'v4.10.0'],
  'csi-provisioner': ['csi_provisioner_tag', 'v5.3.0'],
  'csi-resizer': ['csi_resizer_tag', 'v1.14.0'],
  'csi-node-driver-registrar': ['csi_node_driver_registrar_tag', 'v2.15.0'],
  livenessprobe: ['csi_liveness_probe_tag', 'v2.17.0'],
} as const

/** @throws CloudRefusal */
export function sidecarImage({ image, labels }: Surroundings, name: keyof typeof sidecars): string {
  const [label, usual] = sidecars[name]
  return image({ path: `sig-storage/${name}`, tag: tagOf(labels, label, { usual }) })
}

/** Since v1.32 nodes need no credential. */
const plugin = { usual: 'v1.36.0', oldest: 'v1.32.0' } as const

/** @throws CloudRefusal */
export const pluginImage = ({ image, labels }: Surroundings): string =>
  image({ path: 'provider-os/cinder-csi-plugin', tag: tagOf(labels, 'cinder_csi_plugin_tag', plugin) })

export const liveness = {
  port: 9808,
  probe: (where: { readonly host?: string; readonly port: string | number }) => ({
    httpGet: { path: '/healthz', ...where },
    initialDelaySeconds: 10,
    periodSeconds: 60,
    timeoutSeconds: 10,
    failureThreshold: 5,
  }),
} as const
