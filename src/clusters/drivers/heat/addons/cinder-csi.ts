/**
 * Cinder CSI: volumes for Pods. One Pod on a master calls the cloud; one on each node mounts what came, and knows its server from Nova's
 * metadata. Flags and rights as of v1.36 (github.com/kubernetes/cloud-provider-openstack/manifests/cinder-csi-plugin). Snapshots are left
 * out: their kinds and their controller belong to no CSI driver, and nobody here brings them.
 */
import type { KubeObject } from '../../../../kube/index.ts'
import type { AddOn } from './add-on.ts'
import { controller, controllerName } from './cinder-csi-controller.ts'
import { nodeName, nodePlugin } from './cinder-csi-node.ts'
import { driver, storageClass } from './cinder-storage.ts'
import { eventRule, labelsOf, leaderRules, rightsOf, serviceAccount } from './objects.ts'

const reads = ['get', 'list', 'watch']
const storage = 'storage.k8s.io'

const csiDriver: KubeObject = {
  apiVersion: `${storage}/v1`,
  kind: 'CSIDriver',
  metadata: { name: driver, labels: labelsOf('cinder-csi') },
  spec: { attachRequired: true, podInfoOnMount: true, volumeLifecycleModes: ['Persistent', 'Ephemeral'] },
}

/** What attacher, provisioner and resizer do; they are one Pod. The plugin itself asks the API server nothing. */
const controllerRights = rightsOf(controllerName, {
  everywhere: [
    { apiGroups: [''], resources: ['persistentvolumes'], verbs: [...reads, 'create', 'delete', 'patch'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: [...reads, 'update'] },
    { apiGroups: [''], resources: ['persistentvolumeclaims/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: reads },
    { apiGroups: [storage], resources: ['storageclasses', 'csinodes', 'volumeattributesclasses'], verbs: reads },
    { apiGroups: [storage], resources: ['volumeattachments'], verbs: [...reads, 'patch'] },
    { apiGroups: [storage], resources: ['volumeattachments/status'], verbs: ['patch'] },
    eventRule,
  ],
  here: leaderRules([
    'external-attacher-leader-cinder-csi-openstack-org',
    'cinder-csi-openstack-org',
    'external-resizer-cinder-csi-openstack-org',
  ]),
})

export const cinderCsi: AddOn = {
  name: 'cinder-csi',
  label: 'cinder_csi_enabled',
  login: 'credential',
  objects: (about) => [
    serviceAccount(controllerName),
    ...controllerRights,
    serviceAccount(nodeName),
    csiDriver,
    controller(about),
    nodePlugin(about),
    storageClass(about.labels),
  ],
}
