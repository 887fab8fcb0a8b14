/**
 * Calico's kinds, which no manifest of ours has: Tigera's operator knows those that go with it, makes them, and ends. It leaves alone
 * what is there already (github.com/tigera/operator/cmd/main.go, `bootstrap-crds`).
 */
import type { KubeObject } from '../../../../kube/index.ts'
import { namespace } from './add-on.ts'
import { apiGroup } from './calico-node.ts'
import { confined, confinedPod, digest, labelsOf, onEveryNode, small } from './objects.ts'

export const crdsName = 'calico-crds'

/** Another image is another Job: what a Job runs cannot be changed. */
export const crdsJob = (image: string): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: `${crdsName}-${digest(image)}`, namespace, labels: labelsOf(crdsName) },
  spec: {
    // The way to the API server is kube-proxy's, which may come later.
    backoffLimit: 100,
    template: {
      metadata: { labels: labelsOf(crdsName) },
      spec: {
        serviceAccountName: crdsName,
        ...onEveryNode,
        restartPolicy: 'OnFailure',
        securityContext: confinedPod,
        containers: [
          {
            name: crdsName,
            image,
            imagePullPolicy: 'IfNotPresent',
            args: ['-bootstrap-crds', '-variant=Calico'],
            // It finds out by what is there otherwise, and nothing is.
            env: [apiGroup],
            resources: small,
            securityContext: confined,
          },
        ],
      },
    },
  },
})
