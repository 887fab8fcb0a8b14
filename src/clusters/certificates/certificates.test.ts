import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createCsr } from '../../pki/index.ts'
import { ApiError } from '../api/route.ts'
import { stage, start } from './fixture.ts'
import { defaultSettings, kubeconfigText } from './index.ts'

const hasOpenssl = spawnSync('openssl', ['version']).error === undefined
const identity = { commonName: 'admin', organizations: ['system:masters'] }
const { csr, key } = await createCsr(identity)
const hour = 3_600_000

const status = async (work: Promise<unknown>): Promise<number> =>
  await work.then(
    () => 0,
    (error: unknown) => {
      if (error instanceof ApiError) return error.status
      throw error
    },
  )

const certificatesOf = (bundle: string): readonly X509Certificate[] =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----)\n?/)
    .filter((text) => text !== '')
    .map((text) => new X509Certificate(text))

describe('authorities', () => {
  test('one CA for each kind, by all of its names; they are kept', async () => {
    const { cluster, replica } = await stage()
    const of = async (type?: string) => await replica().ca(cluster, type)
    expect(await of()).toBe(await of('kubernetes'))
    expect(await of('kubelet')).toBe(await of('kubernetes'))
    expect(await of('')).toBe(await of('kubernetes'))
    expect(await of('front_proxy')).toBe(await of('front-proxy'))
    const all = await Promise.all(['kubernetes', 'etcd', 'front-proxy'].map(of))
    expect(new Set(all).size).toBe(3)
    for (const pem of all) {
      const ca = new X509Certificate(pem)
      expect([ca.subject, ca.ca, ca.verify(ca.publicKey)]).toEqual(['CN=demo', true, true])
      expect(new Date(ca.validFrom)).toEqual(new Date(start.getTime() - 24 * hour))
      expect(new Date(ca.validTo)).toEqual(new Date(start.getTime() + 1825 * 24 * hour))
      expect(pem.endsWith('-----END CERTIFICATE-----')).toBe(true)
    }
  })

  test.each([
    ['another word', 'calico'],
    ['capitals', 'Kubernetes'],
    ['a space', ' '],
    ['a flood', 'x'.repeat(5000)],
  ])('%s is no CA: 400', async (_case, type) => {
    const { cluster, replica } = await stage()
    expect(await status(replica().ca(cluster, type))).toBe(400)
    expect(await status(replica().sign(cluster, csr, type))).toBe(400)
  })

  test.skipIf(!hasOpenssl)('a CA says what it may do, and no more', async () => {
    const { cluster, replica } = await stage()
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
      encoding: 'utf8',
      input: await replica().ca(cluster),
    })
    expect(text).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/)
    expect(text).toMatch(/Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/)
    expect(text).toMatch(/Subject Key Identifier/)
    expect(text).toMatch(/Authority Key Identifier/)
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/)
  })

  test('RSA where that is set', async () => {
    const { cluster, replica } = await stage()
    const certificates = replica({ settings: { ...defaultSettings, keys: 'rsa-2048', serviceAccountKeys: 'rsa-2048' } })
    const ca = new X509Certificate(await certificates.ca(cluster))
    expect(ca.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(new X509Certificate(await certificates.sign(cluster, csr)).verify(ca.publicKey)).toBe(true)
  })

  test('a name too long for a certificate is cut', async () => {
    const { cluster, replica } = await stage({ name: 'n'.repeat(200) })
    expect(new X509Certificate(await replica().ca(cluster)).subject).toBe(`CN=${'n'.repeat(64)}`)
  })

  test('replicas that make them at once end with the same', async () => {
    const { cluster, replica, store } = await stage()
    let writes = 0
    const counting = {
      ...store,
      writeSecret: async (...args: Parameters<typeof store.writeSecret>) => {
        writes++
        return await store.writeSecret(...args)
      },
    }
    const replicas = Array.from({ length: 4 }, () => replica({ store: counting }))
    const asked = await Promise.all(
      replicas.flatMap((one) => [
        one.ca(cluster),
        one.ca(cluster),
        one.material(cluster).then(({ cas }) => cas.kubernetes.trusted.trimEnd()),
      ]),
    )
    expect(new Set(asked).size).toBe(1)
    expect(asked[0]).toBe(await replica().ca(cluster))
    // Each replica tried once, however many asked it.
    expect(writes).toBeLessThanOrEqual(4)
  })

  test('a Secret that is spoiled is our fault, and stays as it is', async () => {
    const { cluster, replica, store } = await stage()
    const spoiled = await store.writeSecret(cluster, 'certificates', { phase: 'settled', generation: '1' })
    await expect(replica().ca(cluster)).rejects.toThrow(/no 1\.kubernetes\.crt/)
    expect(await store.readSecret(cluster.uuid, 'certificates')).toEqual(spoiled)
  })

  test('a cluster that is gone ends in a conflict', async () => {
    const { cluster, replica } = await stage()
    const { ConflictError } = await import('../model/index.ts')
    const refusing = { writeSecret: async () => await Promise.reject(new ConflictError('gone')) }
    const { store } = await stage()
    await expect(replica({ store: { ...store, ...refusing } }).ca(cluster)).rejects.toBeInstanceOf(ConflictError)
  })
})

describe('signing', () => {
  test('by the CA that was asked for, for the life that was set', async () => {
    const { cluster, replica } = await stage()
    const certificates = replica({ settings: { ...defaultSettings, certificateHours: 8 } })
    for (const type of ['kubernetes', 'etcd', 'front-proxy', 'kubelet']) {
      const signed = new X509Certificate(await certificates.sign(cluster, csr, type))
      expect(signed.checkIssued(new X509Certificate(await certificates.ca(cluster, type)))).toBe(true)
      expect(signed.verify(new X509Certificate(await certificates.ca(cluster, type)).publicKey)).toBe(true)
      expect(signed.checkPrivateKey(createPrivateKey(key))).toBe(true)
      expect(new Date(signed.validTo)).toEqual(new Date(start.getTime() + 8 * hour))
    }
  })

  test('never for longer than the CA lives, and not at all after', async () => {
    const { cluster, replica, pass } = await stage()
    const certificates = replica()
    const ca = new X509Certificate(await certificates.ca(cluster))
    pass(1824 * 24)
    expect(new X509Certificate(await certificates.sign(cluster, csr)).validTo).toBe(ca.validTo)
    pass(2 * 24)
    expect(await status(certificates.sign(cluster, csr))).toBe(409)
  })

  test('what a careful CA does not sign: 400, nothing else', async () => {
    const { cluster, replica } = await stage()
    const certificates = replica()
    const spoil = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.nat({ max: csr.length - 1 }), fc.string({ minLength: 1, maxLength: 3 }))
        .map(([at, put]) => `${csr.slice(0, at)}${put}${csr.slice(at + put.length)}`),
      fc.nat({ max: csr.length - 40 }).map((length) => csr.slice(0, length)),
    )
    const inside = /-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END CERTIFICATE REQUEST-----/
    const bytes = (pem: string) => inside.exec(pem)?.[1]?.replaceAll(/\s/g, '')
    await fc.assert(
      fc.asyncProperty(spoil, async (text) => {
        fc.pre(bytes(text) !== bytes(csr))
        expect(await status(certificates.sign(cluster, text))).toBe(400)
      }),
      { numRuns: 150 },
    )
  })

  test('the refusal says what to do', async () => {
    const { cluster, replica } = await stage()
    await expect(replica().sign(cluster, `${csr}${csr}`)).rejects.toThrow(
      'Received invalid csr. It holds more than one PEM block.',
    )
  })
})

describe('what drivers and people get', () => {
  test('material for a control plane: keys fit their certificates', async () => {
    const { cluster, replica } = await stage()
    const { cas, serviceAccount, revision, phase } = await replica().material(cluster)
    expect(Object.keys(cas)).toEqual(['kubernetes', 'etcd', 'front-proxy'])
    for (const { signing, trusted } of Object.values(cas)) {
      expect(trusted).toBe(signing.cert)
      expect(new X509Certificate(signing.cert).checkPrivateKey(createPrivateKey(signing.key))).toBe(true)
    }
    const publicKey = createPublicKey(serviceAccount.signingKey)
    expect(publicKey.export({ type: 'spki', format: 'pem' })).toBe(serviceAccount.trusted)
    expect(defaultSettings.serviceAccountKeys).toBe('rsa-2048')
    expect([revision, phase]).toEqual([expect.stringMatching(/^1-settled-[0-9a-f]{12}$/), 'settled'])
  })

  test('an admin certificate of its own life', async () => {
    const { cluster, replica } = await stage()
    const { cert, key: own, ca } = await replica().admin(cluster, { hours: 1, commonName: 'croque' })
    const read = new X509Certificate(cert)
    expect(read.subject.split('\n').sort()).toEqual(['CN=croque', 'O=system:masters'])
    expect(read.verify(new X509Certificate(ca).publicKey)).toBe(true)
    expect(read.checkPrivateKey(createPrivateKey(own))).toBe(true)
    expect(new Date(read.validTo)).toEqual(new Date(start.getTime() + hour))
  })

  test('a kubeconfig, once there is an address', async () => {
    const { cluster, replica } = await stage()
    expect(await status(replica().kubeconfig(cluster))).toBe(409)
    const ready = { ...cluster, status: { apiAddress: 'https://10.0.0.5:6443' } }
    const config = parse(await replica().kubeconfig(ready))
    expect(config.clusters).toEqual([
      { name: 'demo', cluster: { server: 'https://10.0.0.5:6443', 'certificate-authority-data': expect.any(String) } },
    ])
    expect(Buffer.from(config.users[0].user['client-key-data'], 'base64').toString()).toMatch(/^-----BEGIN PRIVATE KEY/)
  })

  test('the kubeconfig is the text of python-magnumclient', () => {
    const text = kubeconfigText({
      name: 'demo',
      server: 'https://10.0.0.5:6443',
      ca: 'A'.repeat(200),
      cert: 'cert',
      key: 'key',
    })
    const ca = Buffer.from('A'.repeat(200)).toString('base64')
    expect(text).toBe(`apiVersion: v1
clusters:
  - cluster:
      certificate-authority-data: ${ca}
      server: https://10.0.0.5:6443
    name: demo
contexts:
  - context:
      cluster: demo
      user: admin
    name: default
current-context: default
kind: Config
preferences: {}
users:
  - name: admin
    user:
      client-certificate-data: Y2VydA==
      client-key-data: a2V5
`)
  })
})

describe('rotation', () => {
  test('phase by phase, with what is trusted and what signs', async () => {
    const { cluster, replica, wish, pass } = await stage()
    const certificates = replica()
    const [old = ''] = [await certificates.ca(cluster)]
    const rotating = await wish('rotate-ca', 'rotation-1')
    const signedBy = async () => new X509Certificate(await certificates.sign(rotating, csr))
    const trusts = async () => certificatesOf(await certificates.ca(rotating))
    const isBy = (signed: X509Certificate, ca: X509Certificate | undefined) =>
      ca !== undefined && signed.verify(ca.publicKey)

    pass(1)
    const introducing = await certificates.startRotation(rotating)
    expect(introducing).toMatchObject({
      phase: 'introducing',
      rotation: 'rotation-1',
      since: new Date(start.getTime() + hour),
    })
    const [first, second] = await trusts()
    expect(first?.raw).toEqual(new X509Certificate(old).raw)
    expect(isBy(await signedBy(), first)).toBe(true)
    expect((await certificates.material(rotating)).serviceAccount.trusted.match(/BEGIN/g)).toHaveLength(2)

    expect(await certificates.finishRotation(rotating)).toMatchObject({ phase: 'introducing' })
    expect(await certificates.switchSigning(rotating)).toMatchObject({ phase: 'replacing' })
    expect((await trusts()).map(({ fingerprint }) => fingerprint)).toEqual([second?.fingerprint, first?.fingerprint])
    expect(isBy(await signedBy(), second)).toBe(true)

    expect(await certificates.switchSigning(rotating)).toMatchObject({ phase: 'replacing' })
    expect(await certificates.finishRotation(rotating)).toMatchObject({ phase: 'settled', rotation: 'rotation-1' })
    expect((await trusts()).map(({ fingerprint }) => fingerprint)).toEqual([second?.fingerprint])
    expect(isBy(await signedBy(), second)).toBe(true)
    expect(await certificates.startRotation(rotating)).toMatchObject({ phase: 'settled' })
    expect((await certificates.material(rotating)).revision).toMatch(/^2-settled-/)
  })

  test('nothing of the old generation stays in the Secret', async () => {
    const { cluster, replica, wish, store } = await stage()
    const certificates = replica()
    await certificates.ca(cluster)
    const rotating = await wish('rotate-ca', 'r')
    await certificates.startRotation(rotating)
    await certificates.switchSigning(rotating)
    await certificates.finishRotation(rotating)
    const names = Object.keys((await store.readSecret(cluster.uuid, 'certificates'))?.data ?? {})
    expect(names.filter((name) => name.startsWith('1.'))).toEqual([])
    expect(names.filter((name) => name.startsWith('2.'))).toHaveLength(8)
  })

  test('an old wish is not rotated for, and another operation does not take a rotation further', async () => {
    const { cluster, replica, wish } = await stage()
    const certificates = replica()
    const rotating = await wish('rotate-ca', 'r1')
    const seen = await certificates.prepare(rotating)
    const resizing = await wish('resize', 's1')
    const { ConflictError } = await import('../model/index.ts')
    await expect(certificates.startRotation(rotating)).rejects.toBeInstanceOf(ConflictError)
    expect(await certificates.prepare(resizing)).toMatchObject({ phase: 'introducing' })
    expect(await certificates.conclude(resizing, seen)).toBe('done')
    expect(await certificates.rotationState(cluster)).toMatchObject({ phase: 'introducing', rotation: 'r1' })
    const again = await wish('rotate-ca', 'r2')
    const goesOn = await certificates.prepare(again)
    expect(goesOn).toMatchObject({ phase: 'introducing', rotation: 'r2' })
    expect(await certificates.conclude(again, goesOn)).toBe('again')
    expect(await certificates.conclude(again, goesOn)).toBe('again')
    expect(await certificates.rotationState(cluster)).toMatchObject({ phase: 'replacing' })
  })

  test('it is told when the CAs end', async () => {
    const { cluster, replica } = await stage()
    expect((await replica().rotationState(cluster)).expiresAt).toEqual(new Date(start.getTime() + 1825 * 24 * hour))
  })
})

test.skipIf(!hasOpenssl)('openssl verifies by the bundle, whichever of two CAs of one name has signed', async () => {
  const { cluster, replica, wish } = await stage()
  const certificates = replica()
  const before = await certificates.sign(cluster, csr)
  const rotating = await wish('rotate-ca', 'r')
  await certificates.startRotation(rotating)
  await certificates.switchSigning(rotating)
  const after = await certificates.sign(cluster, csr)
  const directory = mkdtempSync(join(tmpdir(), 'croque-bundle-'))
  try {
    writeFileSync(join(directory, 'ca.pem'), await certificates.ca(cluster))
    writeFileSync(join(directory, 'before.pem'), before)
    writeFileSync(join(directory, 'after.pem'), after)
    const options = ['verify', '-x509_strict', '-attime', String(start.getTime() / 1000), '-purpose', 'sslclient']
    expect(
      execFileSync('openssl', [...options, '-CAfile', 'ca.pem', 'before.pem', 'after.pem'], {
        cwd: directory,
        encoding: 'utf8',
      }),
    ).toBe('before.pem: OK\nafter.pem: OK\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
