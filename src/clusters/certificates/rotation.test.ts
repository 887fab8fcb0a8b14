/**
 * A cluster whose nodes follow a rotation one by one, while replicas of ours are killed at any request and a replica that lost its
 * lease goes on with what it knew. At every moment everybody has to trust everybody.
 */
import { createPublicKey, X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCsr } from '../../pki/index.ts'
import type { Cluster, ClusterStore } from '../model/index.ts'
import { type Stage, stage } from './fixture.ts'
import type { ClusterCertificates, ControlPlaneMaterial, RotationState } from './index.ts'

const { csr } = await createCsr({ commonName: 'node', organizations: [] })

class Killed extends Error {}

/** Every request to the store may be the last thing that happens: before it is done, or after. */
function mortal(store: ClusterStore, fates: Iterator<string>): ClusterStore {
  const live = async <Value>(request: () => Promise<Value>): Promise<Value> => {
    const fate = fates.next().value
    if (fate === 'before') throw new Killed()
    const answer = await request()
    if (fate === 'after') throw new Killed()
    return answer
  }
  return {
    ...store,
    readSecret: async (...args) => await live(async () => await store.readSecret(...args)),
    writeSecret: async (...args) => await live(async () => await store.writeSecret(...args)),
  }
}

interface Node {
  readonly revision: string
  readonly trusts: string
  readonly certificate: string
  readonly tokensBy: string
  readonly tokensTrusted: string
}

const parsed = new Map<string, X509Certificate>()
function parse(pem: string): X509Certificate {
  const certificate = parsed.get(pem) ?? new X509Certificate(pem)
  parsed.set(pem, certificate)
  return certificate
}

const trustedBy = (bundle: string, certificate: string): boolean =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----)\n?/)
    .filter((pem) => pem !== '')
    .some((pem) => parse(certificate).verify(parse(pem).publicKey))

class Nodes {
  nodes: Node[] = []
  readonly #observer: ClusterCertificates
  readonly #cluster: Cluster

  constructor({ replica, cluster }: Stage) {
    this.#observer = replica()
    this.#cluster = cluster
  }

  async node(material: ControlPlaneMaterial): Promise<Node> {
    return {
      revision: material.revision,
      trusts: material.cas.kubernetes.trusted,
      certificate: await this.#observer.sign(this.#cluster, csr),
      tokensBy: createPublicKey(material.serviceAccount.signingKey).export({ type: 'spki', format: 'pem' }).toString(),
      tokensTrusted: material.serviceAccount.trusted,
    }
  }

  /** A driver's call: as many nodes as there is time for. True when all of them are as wished. */
  async follow(material: ControlPlaneMaterial, time: number): Promise<boolean> {
    const late = [...this.nodes.entries()].filter(([, { revision }]) => revision !== material.revision)
    for (const [index] of late.slice(0, time)) {
      this.nodes[index] = await this.node(material)
      await this.check()
    }
    return late.length <= time
  }

  async check(): Promise<void> {
    const [bundle, user] = [await this.#observer.ca(this.#cluster), await this.#observer.sign(this.#cluster, csr)]
    for (const one of this.nodes) {
      expect([trustedBy(bundle, one.certificate), trustedBy(one.trusts, user)]).toEqual([true, true])
      for (const other of this.nodes) {
        expect(trustedBy(other.trusts, one.certificate)).toBe(true)
        expect(other.tokensTrusted).toContain(one.tokensBy)
      }
    }
  }
}

const steps = fc.array(
  fc.record({
    time: fc.nat({ max: 4 }),
    stale: fc.boolean(),
    fates: fc.array(fc.constantFrom('live', 'live', 'live', 'before', 'after'), { minLength: 3, maxLength: 12 }),
  }),
  { minLength: 4, maxLength: 11 },
)

test('whatever is killed whenever, everybody trusts everybody, and in the end nobody trusts the old CA', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const scene = await stage()
      const nodes = new Nodes(scene)
      const first = await scene.replica().material(scene.cluster)
      nodes.nodes = await Promise.all([1, 2, 3].map(async () => await nodes.node(first)))
      const rotating = await scene.wish('rotate-ca', 'r1')
      const followed: RotationState[] = []

      const pass = async (certificates: ClusterCertificates, cluster: Cluster, time: number): Promise<boolean> => {
        const seen = await certificates.prepare(cluster)
        const material = await certificates.material(cluster)
        if (!(await nodes.follow(material, time))) return false
        followed.push(seen)
        return (await certificates.conclude(cluster, seen)) === 'done'
      }

      for (const { time, stale, fates } of taken) {
        const certificates = scene.replica({ store: mortal(scene.store, fates.values()) })
        await pass(certificates, rotating, time).catch(onlyKilled)
        const old = followed[0]
        if (stale && old !== undefined) await certificates.conclude(rotating, old).catch(onlyKilled)
        await nodes.check()
      }
      let passes = 0
      while (!(await pass(scene.replica(), rotating, 3))) expect(++passes).toBeLessThan(5)
      expect(await scene.replica().rotationState(rotating)).toMatchObject({ phase: 'settled', rotation: 'r1' })
      const last = await scene.replica().material(rotating)
      expect(last.revision).toMatch(/^2-settled/)
      expect(nodes.nodes.map(({ revision }) => revision)).toEqual([last.revision, last.revision, last.revision])
      expect(trustedBy(last.cas.kubernetes.trusted, first.cas.kubernetes.signing.cert)).toBe(false)
    }),
    // A run is half a second of cryptography: shrinking would take minutes.
    { numRuns: 8, endOnFailure: true },
  )
})

function onlyKilled(error: unknown): void {
  if (!(error instanceof Killed)) throw error
}

test('replicas that begin a rotation at once make one new generation', async () => {
  const scene = await stage()
  await scene.replica().ca(scene.cluster)
  const rotating = await scene.wish('rotate-ca', 'r1')
  const states = await Promise.all([1, 2, 3].map(async () => await scene.replica().startRotation(rotating)))
  expect(new Set(states.map(({ phase }) => phase))).toEqual(new Set(['introducing']))
  const revisions = await Promise.all([1, 2].map(async () => (await scene.replica().material(rotating)).revision))
  expect(revisions[0]).toMatch(/^2-introducing/)
  expect(revisions[1]).toBe(revisions[0])
})

test('a second rotation is one of its own; what a replica knew of the first does not move it', async () => {
  const scene = await stage()
  const certificates = scene.replica()
  const one = await scene.wish('rotate-ca', 'r1')
  const seen = await certificates.prepare(one)
  await certificates.switchSigning(one)
  await certificates.finishRotation(one)
  const two = await scene.wish('rotate-ca', 'r2')
  expect(await certificates.prepare(two)).toMatchObject({ phase: 'introducing', rotation: 'r2' })
  await certificates.conclude(one, seen)
  await certificates.switchSigning(one)
  expect(await certificates.rotationState(two)).toMatchObject({ phase: 'introducing', rotation: 'r2' })
  expect((await certificates.material(two)).revision).toMatch(/^3-/)
})
