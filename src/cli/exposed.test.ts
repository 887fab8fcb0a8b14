import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { knownServices } from '../render/index.ts'
import { loadCloud } from '../spec/index.ts'
import { exposed } from './exposed.ts'

async function told(endpoints: object, service: object): Promise<string> {
  const spec = { underlay: { type: 'kubeconfig' }, endpoints: { host: 'cloud.example.org', ...endpoints } }
  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const kube = { get: async () => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, ...service }) }
  return await exposed({ cloud: loaded.cloud, rendering: { namespace: 'openstack' } }, kube)
}

const balanced = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } }

test.each([
  [
    { exposure: 'NodePort' },
    { spec: { ports: [{ nodePort: 31234 }] } },
    'Lead cloud.example.org:8443 to port 31234 of the nodes',
  ],
  [{ exposure: 'LoadBalancer' }, balanced, 'Let the name cloud.example.org lead to 192.0.2.7'],
  [
    { exposure: 'LoadBalancer' },
    {},
    'The load balancer of cloud.example.org:8443 has no address yet: the Service gateway-proxy in openstack waits for one',
  ],
  [{ exposure: 'HostNetwork' }, {}, 'Let the name cloud.example.org lead to the control nodes'],
  [
    { exposure: 'Gateway', gateway: { name: 'public' } },
    {},
    'Let the name cloud.example.org lead to the Gateway public',
  ],
])('%j is told with what the cluster gave', async (endpoints, service, sentence) => {
  expect(await told(endpoints, service)).toBe(sentence)
})
