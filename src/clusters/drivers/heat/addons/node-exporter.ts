/** node-exporter: what a node itself uses. Flags as of v1.12 (github.com/prometheus-operator/kube-prometheus/manifests). */
import type { KubeObject } from '../../../../kube/index.ts'
import type { AddOn, Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import { confined, confinedPod, hostPath, serviceAccount, small, workload } from './objects.ts'

const name = 'node-exporter'

export const nodeExporterPort = 9100

export const nodeExporter: AddOn = {
  name,
  label: 'monitoring_enabled',
  objects: (about) => [serviceAccount(name), daemonSet(about)],
}

const seen = (volume: string): object => ({
  ...{ name: volume, mountPath: `/host/${volume}` },
  ...{ readOnly: true, mountPropagation: 'HostToContainer' },
})

const daemonSet = (about: Surroundings): KubeObject =>
  workload('DaemonSet', name, {
    pod: {
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      // It counts what goes through the devices of the node. Security groups let in nodes and Pods only.
      hostNetwork: true,
      hostPID: true,
      securityContext: confinedPod,
      containers: [
        {
          name,
          image: about.image({
            ...{ registry: 'quay.io', path: `prometheus/${name}` },
            tag: tagOf(about.labels, 'node_exporter_tag', { usual: 'v1.12.1', oldest: 'v1.3.0' }),
          }),
          imagePullPolicy: 'IfNotPresent',
          args: [
            `--web.listen-address=:${nodeExporterPort}`,
            '--path.sysfs=/host/sys',
            '--path.rootfs=/host/root',
            '--path.procfs=/host/root/proc',
            // Of Pods the kubelet tells.
            '--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|run/containerd/.+|var/lib/containerd/.+|var/lib/kubelet/pods/.+)($|/)',
            '--collector.netclass.ignored-devices=^veth.*$',
            '--collector.netdev.device-exclude=^veth.*$',
          ],
          ports: [{ name: 'http', containerPort: nodeExporterPort, protocol: 'TCP' }],
          resources: small,
          securityContext: confined,
          volumeMounts: [seen('sys'), seen('root')],
        },
      ],
      volumes: [hostPath('sys', '/sys', 'Directory'), hostPath('root', '/', 'Directory')],
    },
  })
