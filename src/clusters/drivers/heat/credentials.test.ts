import { expect, test } from 'vitest'
import { simulatedClock } from '../../clock/index.ts'
import { clusterSpecFixture } from '../../model/fixture.ts'
import type { Cluster, Operation } from '../../model/index.ts'
import { credentialKeeper, writtenCredential } from './credentials.ts'
import { PretendedCloud } from './fixture.ts'

const clusterDoing = (kind: Operation['kind'], id: string): Cluster => {
  const spec = clusterSpecFixture()
  return {
    ...{ uuid: '00000000-0000-4000-8000-000000000001', resourceVersion: '1', uid: 'uid', status: {} },
    spec: { ...spec, operation: { ...spec.operation, kind, id } },
  }
}

function scene() {
  const cloud = new PretendedCloud(simulatedClock())
  let weather: (call: string) => Promise<void> = async () => undefined
  const keeper = credentialKeeper({
    sessionOf: async (cluster) => cloud.credentials.sessionOf(cluster, async (call) => await weather(call)),
    store: cloud.secrets,
    role: 'member',
  })
  const kill = (at: string): void => {
    weather = async (call) => {
      if (call !== at) return
      weather = async () => undefined
      throw new Error('killed')
    }
  }
  return { cloud, keeper, kill }
}

const created = clusterDoing('create', 'one')

test('one is made, once, with the secret that was written down before', async () => {
  const { cloud, keeper } = scene()
  const name = await keeper.ensure(created)
  expect(await keeper.ensure(clusterDoing('resize', 'two'))).toBe(name)
  expect(cloud.credentials.of(created)).toEqual([name])
  expect(await writtenCredential(cloud.secrets, created.uuid)).toMatchObject({
    name,
    secret: expect.stringMatching(/^[\w-]{43}$/) as string,
  })
})

test.each(['credential POST before', 'credential POST after', 'credential GET before', 'credential GET after'])(
  'killed at "%s", the next call goes on with the same one',
  async (moment) => {
    const { cloud, keeper, kill } = scene()
    kill(moment)
    await expect(keeper.ensure(created)).rejects.toThrow('killed')
    const name = await keeper.ensure(created)
    expect(cloud.credentials.of(created)).toEqual([name])
    expect((await writtenCredential(cloud.secrets, created.uuid))?.name).toBe(name)
  },
)

test('a rotation makes another one, once; the old one is there until it is pruned', async () => {
  const { cloud, keeper, kill } = scene()
  const old = await keeper.ensure(created)
  const rotating = clusterDoing('rotate-credential', 'two')
  kill('credential POST before')
  await expect(keeper.ensure(rotating)).rejects.toThrow('killed')
  const name = await keeper.ensure(rotating)
  expect(name).not.toBe(old)
  expect(await keeper.ensure(rotating)).toBe(name)
  expect(cloud.credentials.of(created)).toEqual([old, name])
  await keeper.prune(rotating)
  expect(cloud.credentials.of(created)).toEqual([name])
  expect(await keeper.ensure(clusterDoing('resize', 'three'))).toBe(name)
  expect(await keeper.ensure(clusterDoing('rotate-credential', 'four'))).not.toBe(name)
})

test('one that somebody took away is made anew, and is the same for its nodes', async () => {
  const { cloud, keeper } = scene()
  const name = await keeper.ensure(created)
  const before = await writtenCredential(cloud.secrets, created.uuid)
  await cloud.credentials
    .sessionOf(created, async () => undefined)
    .cloud.request('identity', 'DELETE', `/users/u/application_credentials/${name}`)
  expect(await keeper.ensure(created)).toBe(name)
  expect(cloud.credentials.of(created)).toEqual([name])
  expect(await writtenCredential(cloud.secrets, created.uuid)).toEqual(before)
})
