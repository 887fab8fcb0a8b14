import { expect, test } from 'vitest'
import type { CloudQuestion } from '../../autoscaler/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture } from '../../model/fixture.ts'
import type { Cluster } from '../../model/index.ts'
import { seenByAutoscaler } from './autoscaler-view.ts'
import { groupStackName, stackName } from './names.ts'

const cluster: Cluster = {
  ...{ uuid: '1f0e2d3c-0000-4000-8000-000000000001', resourceVersion: '1', uid: 'uid', status: {} },
  spec: clusterSpecFixture({ name: 'demo' }),
}
const own = stackName(cluster)
const group = groupStackName(cluster, { uuid: 'ab12', spec: nodeGroupSpecFixture({ name: 'pool' }) })
const drawn = 'abcdefghijk2'

test.each<[name: string, isSeen: boolean, why: string]>([
  [own, true, 'the cluster'],
  [`${own}-kube_minions-${drawn}`, true, 'its workers'],
  [`${own}-kube_minions-${drawn}-12-${drawn}`, true, 'one of them'],
  [group, true, 'a node group'],
  [`${group}-kube_minions-${drawn}-0-${drawn}`, true, 'one of its nodes'],
  [`${own}-kube_masters-${drawn}`, false, 'masters, which nobody scales'],
  [`${own}-0a1b2c3d`, false, 'a cluster that is called as the stack of this one'],
  [`${own}-0a1b2c3d-kube_minions-${drawn}`, false, 'its workers'],
  [`${own}-0a1b2c3d-pool-ab12`, false, 'a node group of it'],
  [`x${own}`, false, 'another name that ends alike'],
  [`${own}/..`, false, 'no name'],
])('the stack %s is seen: %s, for it is %s', async (name, isSeen) => {
  const request = async () => await Promise.resolve({ status: 200, headers: {}, body: { stack: {} } })
  const seen = await seenByAutoscaler({ request }, cluster, { stack: 'id', name, part: '' })
  expect(seen !== undefined).toBe(isSeen)
})

test.each<[CloudQuestion]>([
  [{ stack: '..', name: own, part: '' }],
  [{ stack: '..', part: '/resources' }],
  [{ stack: 'x/../..', name: own, part: '' }],
  [{ stack: '', name: own, part: '' }],
  [{ flavor: '..' }],
  [{ flavor: 'x/../../servers' }],
])('nobody is asked about what leads elsewhere: %j', async (question) => {
  const request = async () => await Promise.reject(new Error('asked'))
  expect(await seenByAutoscaler({ request }, cluster, question)).toBeUndefined()
})

test('what the cloud does not have is not there', async () => {
  const request = async () => await Promise.resolve({ status: 404, headers: {}, body: {} })
  for (const question of [{ flavor: 'm1.small' }, { stack: 'id', part: '' as const }])
    expect(await seenByAutoscaler({ request }, cluster, question)).toBeUndefined()
})
