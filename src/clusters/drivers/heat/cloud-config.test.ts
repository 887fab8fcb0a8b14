import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import { cloudConfigFiles } from './cloud-config.ts'

const cluster = { uuid: '00000000-0000-4000-8000-000000000001', spec: clusterSpecFixture() }
const credential = { name: 'nodes-1', secret: 'secret' }

test('cloud-provider-openstack is told where Keystone is, who a node is, and whom it may believe', () => {
  const files = cloudConfigFiles(
    cluster,
    { authUrl: 'https://cloud.test:8443/identity', region: 'RegionOne', userDomain: 'magnum', ca: 'PEM' },
    credential,
  )
  expect(files).toEqual({
    '/etc/kubernetes/cloud-ca.crt': 'PEM',
    '/etc/kubernetes/cloud-config': `[Global]
auth-url = "https://cloud.test:8443/identity/v3"
region = "RegionOne"
username = "00000000-0000-4000-8000-000000000001"
user-domain-name = "magnum"
application-credential-name = "nodes-1"
application-credential-secret = "secret"
ca-file = "/etc/kubernetes/cloud-ca.crt"
`,
  })
})

test('a cloud of public certificates needs no CA', () => {
  const files = cloudConfigFiles(cluster, { authUrl: 'https://cloud.test/v3', userDomain: 'magnum' }, credential)
  expect(Object.keys(files)).toEqual(['/etc/kubernetes/cloud-config'])
  expect(files['/etc/kubernetes/cloud-config']).toContain('auth-url = "https://cloud.test/v3"\nusername')
})

test('the load balancers of Services are as labels want them', () => {
  const spec = clusterSpecFixture({ labels: { octavia_provider: 'ovn', octavia_lb_healthcheck: 'no' } })
  const files = cloudConfigFiles(
    { ...cluster, spec },
    { authUrl: 'https://cloud.test/v3', userDomain: 'magnum' },
    credential,
  )
  expect(files['/etc/kubernetes/cloud-config']).toMatch(
    /\n\[LoadBalancer\]\nlb-provider = "ovn"\nlb-method = "SOURCE_IP_PORT"\ncreate-monitor = "false"\n$/,
  )
})
