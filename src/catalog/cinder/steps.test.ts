import { expect, test } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../../test/fakes/openstack/index.ts'
import { connect } from '../../openstack/index.ts'
import type { StepContext } from '../content.ts'
import { noNodeImage } from '../fixture.ts'
import { contentSteps } from './content.ts'
import type { WantedType } from './types.ts'
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
        nodeImage: noNodeImage,
        publicKey: unused,
      },
      fake,
    )
  } finally {
    cloud.close()
    await fake.close()
  }
}

const plain: WantedType = { name: 'ceph', backend: 'ceph', isPublic: true, specs: {} }
const limited: WantedType = {
  name: 'slow',
  backend: 'nas',
  isPublic: false,
  specs: { owner: 'us' },
  qos: { consumer: 'front-end', specs: { total_iops_sec: '300', total_bytes_sec: '2097152' } },
}
const [type] = contentSteps([plain])
const [verify] = verifySteps({ workers: [], types: [], pauseMs: 10 })

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

const step = (...wanted: readonly WantedType[]) => contentSteps(wanted)[0]

/** Runs to the end and again, which must write nothing. */
async function settle(context: StepContext, fake: FakeOpenStack, ...wanted: readonly WantedType[]): Promise<string> {
  const result = await step(...wanted)?.run(context)
  const writes = fake.writes().length
  expect((await step(...wanted)?.run(context))?.action).toBe('unchanged')
  expect(fake.writes()).toHaveLength(writes)
  return result?.action ?? ''
}

test('limits hang on their type, and follow the document', () =>
  withContext(async (context, fake) => {
    expect(await settle(context, fake, plain, limited)).toBe('created')
    const [qos] = fake.state.volumeQos.values()
    expect(qos).toMatchObject({ name: 'croque-slow', consumer: 'front-end', specs: limited.qos?.specs })
    const slow = (): unknown => [...fake.state.volumeTypes.values()].find(({ name }) => name === 'slow')
    expect(slow()).toMatchObject({ is_public: false, qos_specs_id: qos?.['id'], extra_specs: { owner: 'us' } })
    const changed = { ...limited, isPublic: true, qos: { consumer: 'both', specs: { total_iops_sec: '400' } } }
    expect(await settle(context, fake, plain, changed)).toBe('configured')
    expect([...fake.state.volumeQos.values()]).toMatchObject([{ consumer: 'both', specs: { total_iops_sec: '400' } }])
    expect(slow()).toMatchObject({ is_public: true })
  }))

test('only what was made here goes with its backend: the limits, and the type unless volumes have it', () =>
  withContext(async (context, fake) => {
    fake.state.volumeTypes.set('theirs', { id: 'theirs', name: 'theirs', is_public: true, extra_specs: {} })
    fake.state.volumeQos.set('theirs', { id: 'theirs', name: 'theirs', consumer: 'both', specs: {} })
    await settle(context, fake, plain, limited)
    fake.state.volumes.set('kept', { id: 'kept', name: 'kept', status: 'available', volume_type: 'slow', metadata: {} })
    const names = (rows: Map<string, Record<string, unknown>>): unknown => [...rows.values()].map(({ name }) => name)
    expect(await settle(context, fake, plain)).toBe('configured')
    expect(names(fake.state.volumeQos)).toEqual(['theirs'])
    expect(names(fake.state.volumeTypes)).toEqual(['theirs', 'ceph', 'slow'])
    fake.state.volumes.clear()
    await settle(context, fake, plain)
    expect(names(fake.state.volumeTypes)).toEqual(['theirs', 'ceph'])
  }))

test('the verification waits for the service and until the scheduler has heard of it, leaves no volume, and removes what a killed run left', () =>
  withContext(async (context, fake) => {
    fake.behaviour.volumeLooks = 1
    fake.behaviour.poolLooks = 1
    const left = { name: 'croque-verify-volume', status: 'available' }
    fake.state.volumes.set('old', { ...left, id: 'old', metadata: { croque: 'verification' } })
    fake.state.volumes.set('mine', { ...left, id: 'mine', metadata: {} })
    expect((await verify?.run(context))?.action).toBe('unchanged')
    expect([...fake.state.volumes.keys()]).toEqual(['mine'])
  }))

test('a backend that cannot make volumes fails the verification, which leaves none', () =>
  withContext(async (context, fake) => {
    fake.behaviour.volumeFails = true
    await expect(verify?.run(context)).rejects.toMatchObject({ code: 'verification-failed' })
    expect(fake.state.volumes.size).toBe(0)
  }))
