/** What content and verification do more where there are nodes for container guests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { startFakeOpenStack } from '../../test/fakes/openstack/index.ts'
import { connect } from '../openstack/index.ts'
import type { NodeImageSource, Step, StepContext } from './content.ts'
import { noNodeImage } from './fixture.ts'
import { contentSteps } from './glance/content.ts'
import { contentSteps as clusterContent } from './magnum/content.ts'
import { computeReady } from './nova/compute-ready.ts'

const directory = mkdtempSync(join(tmpdir(), 'croque-lxc-steps-'))
afterAll(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'file')
writeFileSync(file, 'bytes')

type Fake = Awaited<ReturnType<typeof startFakeOpenStack>>

async function withSteps(
  work: (fake: Fake, context: (digest: string, nodeImage?: NodeImageSource) => StepContext) => Promise<void>,
): Promise<void> {
  const fake = await startFakeOpenStack()
  const signal = new AbortController().signal
  const login = { authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' }
  const cloud = connect({ ...login, signal, retryMs: 3000 })
  const files = { kernel: file, ramdisk: file, disk: file, container: file }
  try {
    await work(fake, (digest, nodeImage = noNodeImage) => ({
      cloud,
      signal,
      say: () => undefined,
      onNetworkNode: async () => ({ code: 0, stdout: '' }),
      testImage: async () => ({ ...files, digest }),
      nodeImage,
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

const part = (sha256: string) => ({ path: file, sha256, size: 900_000_000 })

/** A node image on this machine; `builds` counts how often it was asked to be there. */
function nodeImageOf(
  build: string,
  { built = true, kubernetesVersion = 'v1.35.4', template = 'kubernetes' } = {},
): NodeImageSource & { readonly builds: () => number } {
  let builds = 0
  const files = { kubernetesVersion, root: part(build), kernel: part('kernel'), ramdisk: part('ramdisk') }
  return {
    kubernetesVersion,
    template,
    built: async () => (built ? files : undefined),
    make: async () => {
      builds += 1
      return files
    },
    builds: () => builds,
  }
}

const [buildStep, nodeStep, templateStep] = clusterContent({ hosts: 'lxc', dnsServers: ['172.24.4.1'] }) as [
  Step,
  Step,
  Step,
]
const done = async (step: Step, context: StepContext) => [
  await step.observe?.(context),
  (await step.run(context)).action,
]

test('the node image is there once for each build, and looking for it builds nothing', async () => {
  await withSteps(async (_, contextOf) => {
    const image = nodeImageOf('one', { built: false })
    const context = contextOf('', image)
    expect(await nodeStep.observe?.(context)).toBe('created')
    expect(image.builds()).toBe(0)
    expect(await nodeStep.run(context)).toMatchObject({ action: 'created' })
    expect(await done(nodeStep, contextOf('', nodeImageOf('one')))).toEqual(['unchanged', 'unchanged'])
    expect(await done(nodeStep, contextOf('', nodeImageOf('two')))).toEqual(['configured', 'configured'])
    const named = await context.cloud.image.list({ name: 'croque-node-v1.35.4-lxc' })
    expect(named.map(({ properties }) => properties['kube_version'])).toEqual(['v1.35.4'])
  })
})

test('where virtual machines have KVM, the node image is for them', async () => {
  const [, step] = clusterContent({ hosts: 'qemu', dnsServers: [] }) as [Step, Step]
  await withSteps(async (_, contextOf) => {
    const context = contextOf('', nodeImageOf('one'))
    await nodeStep.run(context)
    expect(await done(step, context)).toEqual(['created', 'created'])
    const [machine] = await context.cloud.image.list({ name: 'croque-node-v1.35.4' })
    expect(machine?.properties).toMatchObject({ img_hv_type: 'qemu', kernel_id: expect.any(String) })
  })
})

test('the node image is built where it is missing, and there only', async () => {
  await withSteps(async (_, contextOf) => {
    const missing = nodeImageOf('one', { built: false })
    expect(await done(buildStep, contextOf('', missing))).toEqual(['created', 'created'])
    const there = nodeImageOf('one')
    expect(await done(buildStep, contextOf('', there))).toEqual(['unchanged', 'unchanged'])
    expect([missing.builds(), there.builds()]).toEqual([1, 0])
  })
})

describe('the cluster template', () => {
  type Templates = Fake['state']['clusterTemplates']
  const rows = (templates: Templates) => [...templates.values()]

  /** With network and node image, as the steps before it leave them. */
  const offered = async (
    work: (context: (build?: string) => Promise<StepContext>, templates: Templates) => Promise<void>,
  ): Promise<void> =>
    await withSteps(async (fake, contextOf) => {
      fake.state.networks.set('net', {
        id: 'net',
        name: 'public',
        project_id: fake.state.project,
        'router:external': true,
        subnets: [],
        mtu: 1500,
        created_at: '',
      })
      const context = async (build = 'one') => {
        const made = contextOf('', nodeImageOf(build))
        await nodeStep.run(made)
        return made
      }
      await work(context, fake.state.clusterTemplates)
    })

  test('is for everybody, stands on what is there, and is made once', async () => {
    await offered(async (context, templates) => {
      expect(await done(templateStep, await context())).toEqual(['created', 'created'])
      expect(await done(templateStep, await context())).toEqual(['unchanged', 'unchanged'])
      // A plan before the node image is brought sees what that will bring.
      expect(await templateStep.observe?.({ ...(await context()), nodeImage: nodeImageOf('two') })).toBe('configured')
      const { cloud } = await context()
      const [image] = await cloud.image.list({ name: 'croque-node-v1.35.4-lxc' })
      expect(rows(templates)).toMatchObject([
        {
          name: 'kubernetes',
          public: true,
          coe: 'kubernetes',
          image_id: image?.id,
          external_network_id: 'net',
          flavor_id: 'k8s.node',
          dns_nameserver: '172.24.4.1',
          labels: { kube_tag: 'v1.35.4' },
        },
      ])
    })
  })

  test('of another version stands beside it', async () => {
    await offered(async (context, templates) => {
      await templateStep.run(await context())
      const older = { kubernetesVersion: 'v1.34.4', template: 'kubernetes-v1.34.4' }
      const made = { ...(await context()), nodeImage: nodeImageOf('older', older) }
      await nodeStep.run(made)
      expect(await done(templateStep, made)).toEqual(['created', 'created'])
      expect(await done(templateStep, await context())).toEqual(['unchanged', 'unchanged'])
      const [image] = await made.cloud.image.list({ name: 'croque-node-v1.34.4-lxc' })
      expect(rows(templates)).toMatchObject([
        { name: 'kubernetes', labels: { kube_tag: 'v1.35.4' } },
        { name: 'kubernetes-v1.34.4', labels: { kube_tag: 'v1.34.4' }, image_id: image?.id },
      ])
    })
  })

  test('follows the node image; where clusters are made of it, it stays under another name', async () => {
    await offered(async (context, templates) => {
      await templateStep.run(await context())
      expect(await done(templateStep, await context('two'))).toEqual(['configured', 'configured'])
      expect(rows(templates)).toHaveLength(1)
      const [used] = rows(templates)
      Object.assign(used ?? {}, { in_use: true })
      expect(await done(templateStep, await context('three'))).toEqual(['configured', 'configured'])
      expect(rows(templates).map(({ name }) => name)).toEqual([expect.stringMatching(/^kubernetes-./), 'kubernetes'])
      expect(await done(templateStep, await context('three'))).toEqual(['unchanged', 'unchanged'])
    })
  })

  test.each([
    ['changed by somebody', { updated_at: '2026-01-01T00:00:00Z' }],
    ['made by somebody', { tags: null }],
  ])('%s is left as it is', async (_case, change) => {
    await offered(async (context, templates) => {
      await templateStep.run(await context())
      const [row] = rows(templates)
      Object.assign(row ?? {}, change)
      const before = JSON.stringify(rows(templates))
      expect(await done(templateStep, await context('two'))).toEqual(['unchanged', 'unchanged'])
      expect(JSON.stringify(rows(templates))).toBe(before)
    })
  })
})

test('a node for container guests is none that the first server could run on', async () => {
  await withSteps(async (fake, contextOf) => {
    Object.assign(fake.behaviour, { containerNode: true, computeLooks: 2 })
    expect(await computeReady(contextOf('one'), true)).toMatchObject({ message: 'servers can run on node1' })
    expect(fake.behaviour.computeLooks).toBe(0)
  })
})
