/** What content and verification do more where there are nodes for container guests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startFakeOpenStack } from '../../test/fakes/openstack/index.ts'
import { connect } from '../openstack/index.ts'
import type { StepContext } from './content.ts'
import { contentSteps } from './glance/content.ts'
import { computeReady } from './nova/compute-ready.ts'

const directory = mkdtempSync(join(tmpdir(), 'croque-lxc-steps-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'file')
writeFileSync(file, 'bytes')

type Fake = Awaited<ReturnType<typeof startFakeOpenStack>>

async function withSteps(work: (fake: Fake, context: (digest: string) => StepContext) => Promise<void>): Promise<void> {
  const fake = await startFakeOpenStack()
  const signal = new AbortController().signal
  const login = { authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' }
  const cloud = connect({ ...login, signal, retryMs: 3000 })
  const files = { kernel: file, ramdisk: file, disk: file, container: file }
  try {
    await work(fake, (digest) => ({
      cloud,
      signal,
      say: () => undefined,
      onNetworkNode: async () => ({ code: 0, stdout: '' }),
      testImage: async () => ({ ...files, digest }),
      publicKey: async () => '',
    }))
  } finally {
    cloud.close()
    await fake.close()
  }
}

test('there is an image for container guests, once for each build, and the scheduler knows it for one', async () => {
  const [, step] = contentSteps({ lxc: true })
  await withSteps(async (_, contextOf) => {
    const context = contextOf('one')
    const named = () => context.cloud.image.list({ name: 'tiny-lxc' })
    expect(await step?.observe?.(context)).toBe('created')
    expect(await step?.run(context)).toMatchObject({ action: 'created' })
    expect(await step?.observe?.(context)).toBe('unchanged')
    expect(await step?.run(context)).toMatchObject({ action: 'unchanged' })
    expect((await named()).map(({ properties }) => properties['img_hv_type'])).toEqual(['lxc'])
    expect(await step?.run(contextOf('two'))).toMatchObject({ action: 'configured' })
    expect(await named()).toHaveLength(1)
  })
})

test('elsewhere there is none', () => {
  expect(contentSteps().map(({ name }) => name)).toEqual(['image'])
})

test('a node for container guests is none that the first server could run on', async () => {
  await withSteps(async (fake, contextOf) => {
    Object.assign(fake.behaviour, { containerNode: true, computeLooks: 2 })
    expect(await computeReady(contextOf('one'), true)).toMatchObject({ message: 'servers can run on node1' })
    expect(fake.behaviour.computeLooks).toBe(0)
  })
})
