/**
 * The web page of a cluster. Magnum's was Kubernetes Dashboard, which is archived since January 2026; its maintainers name Headlamp
 * instead, and that is what comes. Flags and paths as of v0.45 (github.com/kubernetes-sigs/headlamp/charts/headlamp).
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { parseVersion } from '../../../rules/index.ts'
import type { AddOn, Surroundings } from './add-on.ts'
import { tagOf } from './images.ts'
import { confined, confinedPod, inside, scratch, serviceAccount, workload } from './objects.ts'

const name = 'headlamp'
const tagLabel = 'kube_dashboard_version'

/** Since v0.41 it runs on a root file system that is read-only. */
const versions = { usual: 'v0.45.0', oldest: 'v0.41.0' } as const

/** Kubernetes Dashboard had versions from 1 to 7; Headlamp is not there yet. */
const isOfAnother = (labels: Surroundings['labels']): boolean => (parseVersion(labels[tagLabel])?.major ?? 0) > 0

export const dashboardWarnings = (labels: Surroundings['labels']): readonly string[] =>
  isOfAnother(labels)
    ? [
        `Label ${JSON.stringify(tagLabel)} names a version of Kubernetes Dashboard, which is archived: ${name} ${versions.usual} is installed.`,
      ]
    : []

export const dashboard: AddOn = {
  name,
  label: 'kube_dashboard_enabled',
  // It may do nothing by itself: whoever comes shows a token, and is asked for by the API server as that.
  objects: (about) => [serviceAccount(name), inside(name, 80), deployment(about)],
}

const tag = ({ labels }: Surroundings): string =>
  isOfAnother(labels) ? versions.usual : tagOf(labels, tagLabel, versions)

const deployment = (about: Surroundings): KubeObject =>
  workload('Deployment', name, {
    pod: {
      // For the address and the CA of the API server, which are beside it.
      automountServiceAccountToken: true,
      securityContext: confinedPod,
      containers: [
        {
          name,
          image: about.image({ registry: 'ghcr.io', path: `headlamp-k8s/${name}`, tag: tag(about) }),
          imagePullPolicy: 'IfNotPresent',
          args: ['-in-cluster', '-in-cluster-context-name=main', '-plugins-dir=/headlamp/plugins'],
          env: [{ name: 'HOME', value: scratch.path }],
          ports: [{ name: 'http', containerPort: 4466, protocol: 'TCP' }],
          readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 10 },
          livenessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 10, initialDelaySeconds: 30 },
          resources: { requests: { cpu: '10m', memory: '64Mi' } },
          securityContext: confined,
          volumeMounts: [scratch.mount],
        },
      ],
      volumes: [scratch.volume],
    },
  })
