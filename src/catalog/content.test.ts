import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../test/fakes/openstack/index.ts'
import { connect } from '../openstack/index.ts'
import type { Step, StepContext, StepResult } from './content.ts'
import { noNodeImage } from './fixture.ts'
import { contentSteps as glanceContent } from './glance/content.ts'
import { verifySteps as glanceVerify } from './glance/verify.ts'
import { verifySteps as keystoneVerify } from './keystone/verify.ts'
import { contentSteps as neutronContent } from './neutron/content.ts'
import { verifySteps as neutronVerify } from './neutron/verify.ts'
import { contentSteps as novaContent } from './nova/content.ts'
import { verifySteps as novaVerify } from './nova/verify.ts'

const provider = {
  physicalNetwork: 'physnet1',
  cidr: '172.24.4.0/24',
  gateway: '172.24.4.1',
  floatingStart: '172.24.4.10',
  floatingEnd: '172.24.4.250',
  mtu: 1500,
  dnsServers: ['172.24.4.1'],
}

const content = [...glanceContent({ sendingMs: 50 }), ...novaContent(), ...neutronContent(provider)]
const verify = [...keystoneVerify(), ...glanceVerify(), ...neutronVerify(), ...novaVerify()]
const units = new Map<string, Step>([
  ...content.map((step): [string, Step] => [`content/${step.name}`, step]),
  ...verify.map((step): [string, Step] => [`verify/${step.name}`, step]),
])

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'croque-content-'))
  for (const name of ['kernel', 'ramdisk', 'disk']) await writeFile(join(directory, name), name.repeat(50_000))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

interface RunOptions {
  readonly signal?: AbortSignal
  readonly fresh?: boolean
  readonly digest?: string
}

/** Runs all units along their needs, everything ready at once, as the engine does. */
async function runAll(fake: FakeOpenStack, options: RunOptions = {}): Promise<Map<string, StepResult>> {
  const signal = options.signal ?? new AbortController().signal
  const cloud = connect({
    authUrl: fake.authUrl,
    username: 'admin',
    password: fake.password,
    project: 'admin',
    signal,
    retryMs: 3000,
  })
  const context: StepContext = {
    cloud,
    signal,
    say: () => undefined,
    fresh: options.fresh ?? false,
    onNetworkNode: async () => ({ code: 0, stdout: '' }),
    testImage: async () => ({
      kernel: join(directory, 'kernel'),
      ramdisk: join(directory, 'ramdisk'),
      disk: join(directory, 'disk'),
      container: join(directory, 'disk'),
      digest: options.digest ?? 'sha256:one',
    }),
    nodeImage: noNodeImage,
    publicKey: async () => 'ssh-ed25519 AAAA croque',
  }
  const results = new Map<string, StepResult>()
  const started = new Map<string, Promise<void>>()
  const start = (id: string): Promise<void> => {
    const step = units.get(id)
    const running = started.get(id)
    if (step === undefined) return Promise.resolve()
    if (running !== undefined) return running
    const work = Promise.all(step.needs.map(start)).then(async () => {
      results.set(id, await step.run(context))
    })
    started.set(id, work)
    return work
  }
  try {
    const all = await Promise.allSettled([...units.keys()].map(start))
    const failed = all.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return results
  } finally {
    cloud.close()
  }
}

/** What a user would see, without ids and without hidden images. */
function inventory({ state }: FakeOpenStack): unknown {
  const names = (rows: Map<string, Record<string, unknown>>): unknown[] =>
    [...rows.values()].map((row) => row['name']).sort()
  return {
    images: [...state.images.values()].map((row) => [row['name'], row['status'], row['os_hidden']].join(' ')).sort(),
    flavors: names(state.flavors),
    keypairs: names(state.keypairs),
    servers: [...state.servers.values()].map((row) => [row['name'], row['status']].join(' ')),
    networks: names(state.networks),
    subnets: names(state.subnets),
    routers: names(state.routers),
    ports: [...state.ports.values()].map((row) => row['device_owner']).sort(),
    floatingIps: state.floatingIps.size,
    rules: state.rules.size,
  }
}

const complete = {
  images: ['tiny active false', 'tiny-kernel active false', 'tiny-ramdisk active false'],
  flavors: ['m1.nano', 'm1.small', 'm1.tiny'],
  keypairs: ['croque'],
  servers: ['croque-verify ACTIVE'],
  networks: ['private', 'public'],
  subnets: ['private', 'public'],
  routers: ['router1'],
  ports: ['compute:nova', 'network:router_interface'],
  floatingIps: 1,
  rules: 3,
}

async function withFake(work: (fake: FakeOpenStack) => Promise<void>, seed = 1): Promise<void> {
  const fake = await startFakeOpenStack({ seed })
  try {
    await work(fake)
  } finally {
    await fake.close()
  }
}

/** Ends a run at its nth call: before it is carried out, or after with the answer lost. */
async function killedRun(fake: FakeOpenStack, at: number, when: 'drop-before' | 'drop-after'): Promise<void> {
  const stop = new AbortController()
  let seen = 0
  fake.behaviour.fault = () => {
    seen += 1
    if (seen < at) return undefined
    stop.abort(new Error('killed'))
    return seen === at ? when : 'drop-before'
  }
  await runAll(fake, { signal: stop.signal }).catch(() => undefined)
  fake.behaviour.fault = () => undefined
}

describe('first content and verification', () => {
  it('makes everything once, then only looks', () =>
    withFake(async (fake) => {
      const first = await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
      expect(first.get('verify/server')?.action).toBe('created')
      const [writes, calls] = [fake.writes().length, fake.calls.length]
      const second = await runAll(fake)
      expect(fake.writes().slice(writes)).toEqual([])
      expect([...second.values()].map(({ action }) => action)).toEqual([...second.values()].map(() => 'unchanged'))
      expect(fake.calls.length - calls).toBeLessThan(45)
    }))

  it('observes without writing what a run would do', () =>
    withFake(async (fake) => {
      const cloud = connect({ authUrl: fake.authUrl, username: 'admin', password: fake.password, project: 'admin' })
      const file = join(directory, 'disk')
      const context: StepContext = {
        cloud,
        signal: new AbortController().signal,
        say: () => undefined,
        onNetworkNode: async () => ({ code: 0, stdout: '' }),
        testImage: async () => ({ kernel: file, ramdisk: file, disk: file, container: file, digest: 'sha256:one' }),
        nodeImage: noNodeImage,
        publicKey: async () => 'ssh-ed25519 AAAA croque',
      }
      const observe = () => Promise.all(content.map(async (step) => `${step.name}: ${await step.observe?.(context)}`))
      expect(await observe()).toEqual([
        'image: created',
        'flavors: created',
        'keypair: created',
        'compute-quotas: configured',
        'public-network: created',
        'private-network: created',
        'router: created',
        'security-group: configured',
        'network-quotas: configured',
      ])
      expect(fake.writes()).toEqual([])
      await runAll(fake)
      expect(await observe()).toEqual(content.map((step) => `${step.name}: unchanged`))
      cloud.close()
    }))

  it('converges after a run that was killed at any call', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 75 }),
        fc.constantFrom('drop-before' as const, 'drop-after' as const),
        fc.boolean(),
        fc.nat(),
        (at, when, stuck, seed) =>
          withFake(async (fake) => {
            fake.behaviour.stuckUploads = stuck
            await killedRun(fake, at, when)
            await runAll(fake)
            expect(inventory(fake)).toEqual(complete)
            const writes = fake.writes().length
            await runAll(fake)
            expect(fake.writes().slice(writes)).toEqual([])
          }, seed),
      ),
      { numRuns: 16 },
    )
  }, 120_000)

  it('sends an image again when Glance failed', () =>
    withFake(async (fake) => {
      fake.behaviour.failedUploads = 2
      await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
    }))

  it('makes an image again that another run took for dead while it was sent', () =>
    withFake(async (fake) => {
      fake.behaviour.lostUploads = 1
      await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
    }))

  it('makes nothing twice when two runs start together', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.infiniteStream(fc.nat(15)), (seed, delays) =>
        withFake(async (fake) => {
          fake.behaviour.delay = () => delays.next().value ?? 0
          await Promise.all([runAll(fake), runAll(fake)])
          expect(inventory(fake)).toEqual(complete)
        }, seed),
      ),
      { numRuns: 5 },
    )
  }, 120_000)

  it('makes a new image from a new build, hides the old one, and makes the server anew', () =>
    withFake(async (fake) => {
      await runAll(fake)
      const results = await runAll(fake, { digest: 'sha256:two' })
      expect(results.get('content/image')?.action).toBe('configured')
      expect(inventory(fake)).toMatchObject({ servers: ['croque-verify ACTIVE'], floatingIps: 1 })
      const shown = [...fake.state.images.values()].filter(
        (row) => row['name'] === 'tiny' && row['os_hidden'] === false,
      )
      expect(shown).toHaveLength(1)
    }))

  it('makes an image again that somebody deleted', () =>
    withFake(async (fake) => {
      await runAll(fake)
      for (const id of fake.state.images.keys()) fake.state.deletedImages.add(id)
      fake.state.images.clear()
      expect((await runAll(fake)).get('content/image')?.action).toBe('created')
      expect(inventory(fake)).toEqual(complete)
    }))

  it('says why a server went into ERROR, and replaces it in the next run', () =>
    withFake(async (fake) => {
      fake.behaviour.nextServerFails = 'No valid host was found.'
      await expect(runAll(fake)).rejects.toMatchObject({
        code: 'openstack-resource-failed',
        why: 'No valid host was found.',
      })
      await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
    }))

  it('waits for a slow compute node and a slow build', () =>
    withFake(async (fake) => {
      fake.behaviour.computeLooks = 2
      fake.behaviour.buildLooks = 2
      await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
    }))

  it('goes through an API that is away for a moment', () =>
    withFake(async (fake) => {
      let count = 0
      fake.behaviour.fault = (call) => {
        count += 1
        return call.service !== 'identity' && count % 5 === 0 ? { status: 503 } : undefined
      }
      await runAll(fake)
      expect(inventory(fake)).toEqual(complete)
    }))

  it('makes a fresh server for verify and removes it, beside the kept one', () =>
    withFake(async (fake) => {
      await runAll(fake)
      await runAll(fake, { fresh: true })
      expect(inventory(fake)).toEqual(complete)
      expect(fake.calls.filter((call) => call.method === 'POST' && call.path === '/servers')).toHaveLength(2)
    }))
})
