/** The StorageClass of Cinder, by the labels of magnum-capi-helm and with its defaults. */
import type { KubeObject } from '../../../../kube/index.ts'
import { labelIsTrue } from '../../../rules/index.ts'
import { CloudRefusal } from '../cloud.ts'
import { labelsOf } from './objects.ts'

type Labels = Readonly<Record<string, string>>

/** As Kubernetes knows it. */
export const driver = 'cinder.csi.openstack.org'

/** An API server refuses others, and whatever the plugin cannot make. @throws CloudRefusal */
function oneOf(labels: Labels, label: string, choices: readonly [usual: string, ...others: string[]]): string {
  const value = labels[label]?.trim() ?? choices[0]
  if (choices.includes(value)) return value
  throw new CloudRefusal(`Label ${label} takes one of ${choices.join(', ')}, and not ${JSON.stringify(value)}`)
}

/** Of the claims that name none. @throws CloudRefusal */
export function storageClass(labels: Labels): KubeObject {
  const zone = labels['csi_cinder_availability_zone']?.trim() ?? ''
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'csi-cinder',
      labels: labelsOf('cinder-csi'),
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: driver,
    parameters: {
      'csi.storage.k8s.io/fstype': oneOf(labels, 'csi_cinder_fstype', ['ext4', 'ext3', 'xfs', 'btrfs']),
      ...(zone === '' ? {} : { availability: zone }),
    },
    reclaimPolicy: oneOf(labels, 'csi_cinder_reclaim_policy', ['Retain', 'Delete']),
    volumeBindingMode: oneOf(labels, 'csi_cinder_volume_binding_mode', ['WaitForFirstConsumer', 'Immediate']),
    allowVolumeExpansion: labelIsTrue(labels['csi_cinder_allow_volume_expansion'] ?? 'true'),
  }
}
