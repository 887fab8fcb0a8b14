/**
 * Prometheus: asks kubelets (which have cAdvisor in them) and node-exporter, finds both by the list of nodes, and may do no more than that.
 * Flags and configuration as of v3.13 (github.com/prometheus/prometheus/documentation/examples/prometheus-kubernetes.yml).
 */
import { stringify } from 'yaml'
import type { KubeObject } from '../../../../kube/index.ts'
import { CloudRefusal } from '../cloud.ts'
import { type AddOn, namespace, type Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import { nodeExporterPort } from './node-exporter.ts'
import { confined, confinedPod, digest, inside, labelsOf, rightsOf, serviceAccount, workload } from './objects.ts'

type Labels = Surroundings['labels']

const name = 'prometheus'

/** Inside the cluster. */
export const prometheusUrl = `http://${name}.${namespace}:9090`

export const prometheus: AddOn = {
  name,
  label: 'monitoring_enabled',
  objects: (about) => [
    serviceAccount(name),
    ...rightsOf(name, {
      everywhere: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      ],
      here: [],
    }),
    configMap(about.labels),
    ...claim(about.labels),
    inside(name, 9090),
    deployment(about),
  ],
}

const bounds = { days: 'monitoring_retention_days', gigabytes: 'monitoring_retention_size' } as const

/** Magnum's defaults. @throws CloudRefusal */
function numberOf(labels: Labels, label: string, usual: number): number {
  const value = Number(labels[label] ?? usual)
  if (value > 0) return value
  throw new CloudRefusal(`Label ${label} takes a whole number from 1, and not ${JSON.stringify(labels[label])}`)
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Kubelets have certificates of the cluster's CA, for their addresses. */
const kubelets = (path: string): object => ({
  job_name: path === '/metrics' ? 'kubelet' : 'cadvisor',
  metrics_path: path,
  scheme: 'https',
  tls_config: { ca_file: `${account}/ca.crt` },
  authorization: { credentials_file: `${account}/token` },
  kubernetes_sd_configs: [{ role: 'node' }],
  relabel_configs: [nodeName],
})

const nodeName = { source_labels: ['__meta_kubernetes_node_name'], target_label: 'node' }

const configuration = (labels: Labels): string =>
  stringify(
    {
      global: { scrape_interval: `${numberOf(labels, 'monitoring_interval_seconds', 30)}s` },
      scrape_configs: [
        kubelets('/metrics'),
        kubelets('/metrics/cadvisor'),
        {
          job_name: 'node',
          kubernetes_sd_configs: [{ role: 'node' }],
          relabel_configs: [
            nodeName,
            {
              source_labels: ['__meta_kubernetes_node_address_InternalIP'],
              target_label: '__address__',
              replacement: `$1:${nodeExporterPort}`,
            },
          ],
        },
      ],
    },
    { lineWidth: 0 },
  )

const configMap = (labels: Labels): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: labelsOf(name) },
  data: { 'prometheus.yml': configuration(labels) },
})

/** A volume of a StorageClass, where a label names one; what was seen is gone with its Pod otherwise. */
const classOf = (labels: Labels): string => labels['monitoring_storage_class_name']?.trim() ?? ''

const claim = (labels: Labels): readonly KubeObject[] =>
  classOf(labels) === ''
    ? []
    : [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name, namespace, labels: labelsOf(name) },
          spec: {
            storageClassName: classOf(labels),
            accessModes: ['ReadWriteOnce'],
            // It is a tenth over before it forgets.
            resources: { requests: { storage: `${Math.ceil(numberOf(labels, bounds.gigabytes, 14) * 1.2)}Gi` } },
          },
        },
      ]

const deployment = (about: Surroundings): KubeObject =>
  workload('Deployment', name, {
    // Two of them cannot write to one volume.
    strategy: { type: 'Recreate' },
    // It reads it when it starts.
    annotations: { 'croque.dev/configuration': digest(configuration(about.labels)) },
    pod: {
      automountServiceAccountToken: true,
      securityContext: confinedPod,
      containers: [container(about)],
      volumes: [
        { name: 'configuration', configMap: { name } },
        classOf(about.labels) === ''
          ? { name: 'data', emptyDir: {} }
          : { name: 'data', persistentVolumeClaim: { claimName: name } },
      ],
    },
  })

const container = ({ labels, image }: Surroundings): object => ({
  name,
  image: image({
    ...{ registry: 'quay.io', path: `prometheus/${name}` },
    tag: tagOf(labels, 'prometheus_tag', { usual: 'v3.13.2', oldest: 'v2.26.0' }),
  }),
  imagePullPolicy: 'IfNotPresent',
  args: [
    '--config.file=/etc/prometheus/prometheus.yml',
    '--storage.tsdb.path=/prometheus',
    `--storage.tsdb.retention.time=${numberOf(labels, bounds.days, 14)}d`,
    `--storage.tsdb.retention.size=${numberOf(labels, bounds.gigabytes, 14)}GB`,
  ],
  ports: [{ name: 'http', containerPort: 9090, protocol: 'TCP' }],
  readinessProbe: { httpGet: { path: '/-/ready', port: 'http' }, periodSeconds: 10 },
  // It may read its log for minutes when it was killed.
  livenessProbe: { httpGet: { path: '/-/healthy', port: 'http' }, periodSeconds: 10, failureThreshold: 6 },
  resources: { requests: { cpu: '100m', memory: '256Mi' } },
  securityContext: confined,
  volumeMounts: [
    { name: 'configuration', mountPath: '/etc/prometheus', readOnly: true },
    { name: 'data', mountPath: '/prometheus' },
  ],
})
