/** What a new cluster gets beside kubeadm's own: CoreDNS and the default StorageClass. Pure. */
import { stringify } from 'yaml'
import { imageNames } from '../../images/index.ts'
import { dnsAddress } from './layout.ts'

const storageClassName = 'croque-local'
const provisioner = 'croque.dev/local-path'
const volumes = '/var/lib/croque-volumes'

/** Names outside the cluster are answered with NXDOMAIN at once. The optional ConfigMap `coredns-custom` adds names: its key `hosts` is in the format of /etc/hosts, read anew when it changes. Port 1053 knows these names only, for those who shall not see the cluster's. */
const corefile = `.:53 {
    errors
    health {
        lameduck 1s
    }
    ready
    hosts /etc/coredns-custom/hosts {
        fallthrough
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }
    prometheus :9153
    cache 5
    reload 5s
    loadbalance
    template ANY ANY {
        rcode NXDOMAIN
    }
}
.:1053 {
    errors
    hosts /etc/coredns-custom/hosts {
        fallthrough
    }
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`

/** All objects as one YAML stream for server-side apply. */
export function addons(): string {
  return [...coreDns(), ...localPath()].map((object) => stringify(object, { lineWidth: 0 })).join('---\n')
}

function coreDns(): readonly object[] {
  const metadata = { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }
  const labels = { 'k8s-app': 'kube-dns' }
  return [
    ...account('coredns', [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: { Corefile: corefile },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, name: 'kube-dns' },
      spec: {
        selector: labels,
        clusterIP: dnsAddress,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'coredns',
            priorityClassName: 'system-cluster-critical',
            dnsPolicy: 'Default',
            containers: [
              {
                name: 'coredns',
                image: imageNames.coreDns,
                imagePullPolicy: 'IfNotPresent',
                args: ['-conf', '/etc/coredns/Corefile'],
                resources: { requests: { cpu: '10m', memory: '40Mi' }, limits: { memory: '170Mi' } },
                ports: [
                  { name: 'dns', containerPort: 53, protocol: 'UDP' },
                  { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                  { name: 'guests', containerPort: 1053, protocol: 'UDP' },
                  { name: 'guests-tcp', containerPort: 1053, protocol: 'TCP' },
                  { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
                ],
                readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
                livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 60, timeoutSeconds: 5 },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'config', mountPath: '/etc/coredns', readOnly: true },
                  { name: 'custom', mountPath: '/etc/coredns-custom', readOnly: true },
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } },
              { name: 'custom', configMap: { name: 'coredns-custom', optional: true } },
            ],
          },
        },
      },
    },
  ]
}

function localPath(): readonly object[] {
  const labels = { app: 'local-path-provisioner' }
  return [
    ...account('local-path-provisioner', [
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch', 'create', 'delete'] },
      { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'list', 'watch'] },
    ]),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClassName, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner,
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'local-path-provisioner', namespace: 'kube-system', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: 'local-path-provisioner',
            priorityClassName: 'system-node-critical',
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: 'provisioner',
                image: imageNames.localPath,
                imagePullPolicy: 'IfNotPresent',
                args: ['--node=$(NODE_NAME)', `--root=${volumes}`, `--provisioner=${provisioner}`],
                env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
                resources: { requests: { cpu: '5m', memory: '20Mi' }, limits: { memory: '100Mi' } },
                // Root with these two capabilities only: it removes directories that workloads' users own.
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'], add: ['DAC_OVERRIDE', 'FOWNER'] },
                },
                volumeMounts: [{ name: 'volumes', mountPath: volumes }],
              },
            ],
            volumes: [{ name: 'volumes', hostPath: { path: volumes, type: 'DirectoryOrCreate' } }],
          },
        },
      },
    },
  ]
}

function account(name: string, rules: readonly object[]): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'kube-system' } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: `croque:${name}` }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: `croque:${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `croque:${name}` },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
    },
  ]
}
