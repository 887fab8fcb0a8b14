import { expect, test } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connect } from '../../openstack/index.ts'
import type { StepContext } from '../content.ts'
import { contentSteps } from './content.ts'
import { verifySteps } from './verify.ts'

async function withContext(work: (context: StepContext, fake: FakeOpenStack) => Promise<void>): Promise<void> {
  const fake = await startFakeOpenStack()
  const cloud = connect({ authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' })
  const unused = (): never => {
    throw new Error('not needed')
  }
  try {
    await work(
      {
        cloud,
        say: () => undefined,
        signal: new AbortController().signal,
        onNetworkNode: unused,
        testImage: unused,
        publicKey: unused,
      },
      fake,
    )
  } finally {
    cloud.close()
    await fake.close()
  }
}

const [type] = contentSteps('ceph')
const [verify] = verifySteps()

test('the volume type is made once, with its backend, and a backend that is missing is added', () =>
  withContext(async (context, fake) => {
    expect(await type?.observe?.(context)).toBe('created')
    expect(fake.writes()).toEqual([])
    expect((await type?.run(context))?.action).toBe('created')
    expect([...fake.state.volumeTypes.values()]).toMatchObject([
      { name: 'ceph', extra_specs: { volume_backend_name: 'ceph' } },
    ])
    const writes = fake.writes().length
    expect((await type?.run(context))?.action).toBe('unchanged')
    expect(fake.writes()).toHaveLength(writes)
    for (const row of fake.state.volumeTypes.values()) row['extra_specs'] = {}
    expect(await type?.observe?.(context)).toBe('configured')
    expect((await type?.run(context))?.action).toBe('configured')
    expect(await type?.observe?.(context)).toBe('unchanged')
  }))

test('the verification waits for the service, leaves no volume, and removes what a killed run left', () =>
  withContext(async (context, fake) => {
    fake.behaviour.volumeLooks = 1
    const left = { name: 'croque-verify-volume', status: 'available' }
    fake.state.volumes.set('old', { ...left, id: 'old', metadata: { croque: 'verification' } })
    fake.state.volumes.set('mine', { ...left, id: 'mine', metadata: {} })
    expect((await verify?.run(context))?.action).toBe('unchanged')
    expect([...fake.state.volumes.keys()]).toEqual(['mine'])
  }))

test(
  'a backend that cannot make volumes fails the verification, which leaves none',
  () =>
    withContext(async (context, fake) => {
      fake.behaviour.volumeFails = true
      await expect(verify?.run(context)).rejects.toMatchObject({ code: 'verification-failed' })
      expect(fake.state.volumes.size).toBe(0)
    }),
  30_000,
)
