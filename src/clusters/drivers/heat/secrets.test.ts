import { expect, test } from 'vitest'
import { clusterSpecFixture } from '../../model/fixture.ts'
import { callsCloud, secretsFor } from './secrets.ts'

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
