/** metrics-server: what `kubectl top` and the HorizontalPodAutoscaler ask. Manifests as of v0.8 (github.com/kubernetes-sigs/metrics-server). */
import type { KubeObject } from '../../../../kube/index.ts'
import { type AddOn, namespace, type Surroundings } from './add-on.ts'
import { confined, confinedPod, labelsOf, rightsOf, serviceAccount, subject, workload } from './objects.ts'

const name = 'metrics-server'
const api = 'rbac.authorization.k8s.io'
const port = 10_250

/** Charts by which Magnum names a version, and the version in them (charts/metrics-server/CHANGELOG.md); those of before ask kubelets otherwise. */
const charts: Readonly<Record<string, string | undefined>> = {
  '3.13.1': 'v0.8.1',
  '3.13.0': 'v0.8.0',
  '3.12.2': 'v0.7.2',
  '3.12.1': 'v0.7.1',
  '3.12.0': 'v0.7.0',
  '3.11.0': 'v0.6.4',
  '3.10.0': 'v0.6.3',
  '3.9.0': 'v0.6.3',
}

const newest = 'v0.8.1'

function known({ metrics_server_chart_tag: chart = '' }: Surroundings['labels']): string | undefined {
  const number = chart.trim().replace(/^v/, '')
  return number === '' ? newest : charts[number]
}

/** Of a chart that is not known, which may be one that Magnum had years ago. */
export function metricsServerWarnings(labels: Surroundings['labels']): readonly string[] {
  if (known(labels) !== undefined) return []
  const names = Object.keys(charts).join(', ')
  return [
    `Label "metrics_server_chart_tag" names a chart that is not known (${names} are): ${name} ${newest} is installed.`,
  ]
}

export const metricsServer: AddOn = {
  name,
  label: 'metrics_server_enabled',
  objects: (about) => [
    serviceAccount(name),
    ...rightsOf(name, {
      everywhere: [
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
        // Of an API behind the API server: who asks, and may they. What system:auth-delegator may.
        { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
        { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
      ],
      here: [],
    }),
    readsAuthentication,
    readers,
    service,
    deployment(about),
    apiService,
  ],
}

const readsAuthentication: KubeObject = {
  apiVersion: `${api}/v1`,
  kind: 'RoleBinding',
  metadata: { name: `croque:${name}`, namespace, labels: labelsOf(name) },
  roleRef: { apiGroup: api, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
  subjects: [subject(name)],
}

/** Who may look at Pods may look at what they use. */
const readers: KubeObject = {
  apiVersion: `${api}/v1`,
  kind: 'ClusterRole',
  metadata: {
    name: `croque:${name}:readers`,
    labels: Object.fromEntries([
      ...Object.entries(labelsOf(name)),
      ...['view', 'edit', 'admin'].map((each) => [`${api}/aggregate-to-${each}`, 'true'] as const),
    ]),
  },
  rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
}

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels: labelsOf(name) },
  spec: {
    selector: labelsOf(name),
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }],
  },
}

/** It makes its certificate itself whenever it starts, so nobody can tell beforehand whose it is. */
const apiService: KubeObject = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io', labels: labelsOf(name) },
  spec: {
    service: { name, namespace, port: 443 },
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
}

const probe = (path: string) => ({
  httpGet: { path, port: 'https', scheme: 'HTTPS' },
  periodSeconds: 10,
  failureThreshold: 3,
})

const deployment = (about: Surroundings): KubeObject =>
  workload('Deployment', name, {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    pod: {
      automountServiceAccountToken: true,
      priorityClassName: 'system-cluster-critical',
      securityContext: confinedPod,
      containers: [
        {
          name,
          image: about.image({ path: `metrics-server/${name}`, tag: known(about.labels) ?? newest }),
          imagePullPolicy: 'IfNotPresent',
          args: [
            '--cert-dir=/tmp',
            `--secure-port=${port}`,
            '--kubelet-preferred-address-types=InternalIP',
            '--kubelet-use-node-status-port',
            // Kubelets have certificates of the cluster's CA, for their names and addresses.
            '--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
            '--metric-resolution=15s',
          ],
          ports: [{ name: 'https', containerPort: port, protocol: 'TCP' }],
          readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 20 },
          livenessProbe: probe('/livez'),
          resources: { requests: { cpu: '100m', memory: '200Mi' } },
          securityContext: confined,
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
      volumes: [{ name: 'tmp', emptyDir: {} }],
    },
  })
