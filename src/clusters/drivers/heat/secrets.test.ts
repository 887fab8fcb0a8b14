import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import { autoscalerCredential, callsCloud, secretsFor } from './secrets.ts'

const clusterWith = (labels: Readonly<Record<string, string>>) => ({ spec: clusterSpecFixture({ labels }) })

test('masters get the credential and what their API server asks with; workers get nothing', () => {
  expect(secretsFor(clusterWith({}), 'master', 'nodes-1')).toEqual({ 'cloud-config': 'nodes-1', 'keystone-auth': '1' })
  expect(secretsFor(clusterWith({}), 'worker', 'nodes-1')).toEqual({})
})

test('labels ask otherwise', () => {
  const everywhere = clusterWith({ worker_cloud_config_enabled: 'true' })
  expect(secretsFor(everywhere, 'worker', 'nodes-1')).toEqual({ 'cloud-config': 'nodes-1' })
  const alone = clusterWith({ cloud_provider_enabled: 'False', keystone_auth_enabled: 'false' })
  expect(callsCloud(alone)).toBe(false)
  expect(secretsFor(alone, 'master', undefined)).toEqual({})
})

test('masters get a login for the autoscaler where there is one, with the revision of the credential', async () => {
  const labels = {
    ...{ container_infra_prefix: 'registry.test/', cloud_provider_enabled: 'true', auto_scaling_enabled: 'true' },
    ...{ keystone_auth_enabled: 'false' },
  }
  const scaled = clusterWith(labels)
  expect(secretsFor(scaled, 'master', 'nodes-1')).toEqual({ 'cloud-config': 'nodes-1', autoscaler: 'nodes-1' })
  expect(secretsFor(clusterWith({ ...labels, worker_cloud_config_enabled: 'true' }), 'worker', 'nodes-1')).toEqual({
    'cloud-config': 'nodes-1',
  })
  const credential = JSON.stringify({ name: 'nodes-1', secret: 'hidden' })
  const named = autoscalerCredential({ readSecret: async () => ({ resourceVersion: '1', data: { credential } }) })
  expect(await named({ uuid: 'one', ...scaled })).toBe('nodes-1')
  expect(await named({ uuid: 'one', ...clusterWith({}) })).toBeUndefined()
})
