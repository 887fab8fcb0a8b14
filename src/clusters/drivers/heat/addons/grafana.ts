/**
 * Grafana, with Prometheus for its source. Its administrator's password is drawn on a master and known inside the cluster only: labels are
 * there to be read. Settings as of v13 (github.com/grafana/grafana/conf/defaults.ini).
 */
import { stringify } from 'yaml'
import type { KubeObject } from '../../../../kube/index.ts'
import { type AddOn, namespace, type Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import { confined, confinedPod, inside, labelsOf, scratch, serviceAccount, workload } from './objects.ts'
import { prometheusUrl } from './prometheus.ts'

const name = 'grafana'
const secretName = 'grafana-admin'

export const grafana: AddOn = {
  name,
  label: 'monitoring_enabled',
  password: secretName,
  objects: (about) => [serviceAccount(name), sources, inside(name, 80), deployment(about)],
}

const sources: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: labelsOf(name) },
  data: {
    'prometheus.yaml': stringify({
      apiVersion: 1,
      datasources: [{ name: 'Prometheus', type: 'prometheus', access: 'proxy', url: prometheusUrl, isDefault: true }],
    }),
  },
}

const settings: Readonly<Record<string, string>> = {
  GF_SECURITY_ADMIN_PASSWORD__FILE: '/etc/grafana/password/password',
  // It asks nobody outside for news or plugins.
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_LOG_MODE: 'console',
}

const deployment = (about: Surroundings): KubeObject =>
  workload('Deployment', name, {
    pod: {
      automountServiceAccountToken: false,
      securityContext: confinedPod,
      containers: [container(about)],
      volumes: [
        scratch.volume,
        { name: 'data', emptyDir: {} },
        { name: 'sources', configMap: { name } },
        { name: 'password', secret: { secretName, defaultMode: 0o440 } },
      ],
    },
  })

const container = ({ labels, image }: Surroundings): object => ({
  name,
  image: image({
    ...{ registry: 'docker.io', path: `grafana/${name}` },
    tag: tagOf(labels, 'grafana_tag', { usual: '13.1.3', oldest: '8.0.0' }),
  }),
  imagePullPolicy: 'IfNotPresent',
  env: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
  ports: [{ name: 'http', containerPort: 3000, protocol: 'TCP' }],
  readinessProbe: { httpGet: { path: '/api/health', port: 'http' }, periodSeconds: 10 },
  resources: { requests: { cpu: '50m', memory: '128Mi' } },
  securityContext: confined,
  volumeMounts: [
    scratch.mount,
    { name: 'data', mountPath: '/var/lib/grafana' },
    { name: 'sources', mountPath: '/etc/grafana/provisioning/datasources', readOnly: true },
    { name: 'password', mountPath: '/etc/grafana/password', readOnly: true },
  ],
})
