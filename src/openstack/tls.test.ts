import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { connect as tcp } from 'node:net'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FakeOpenStack, startFakeOpenStack } from '../../test/fakes/openstack/index.ts'
import { type ConnectOptions, connect } from './index.ts'

const host = 'cloud.croque.local'
let fake: FakeOpenStack
let certificate: string

beforeAll(async () => {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  certificate = made.toString('pem')
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  fake = await startFakeOpenStack({
    tls: { cert: certificate, key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` },
  })
})

afterAll(() => fake.close())

async function whoami(options: Partial<ConnectOptions>): Promise<string> {
  const cloud = connect({
    authUrl: fake.authUrl,
    username: 'admin',
    password: fake.password,
    project: 'admin',
    // As the embedded underlay, without a line in /etc/hosts.
    lookup: (_host, all, done) =>
      all.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
    ...options,
  })
  try {
    await cloud.compute.flavors()
    return (await cloud.identity.whoami()).user.name
  } finally {
    cloud.close()
  }
}

it('trusts the given CA, by the public name at a given address', async () => {
  expect(await whoami({ ca: certificate })).toBe('admin')
})

it('refuses a certificate that it does not know, at once', async () => {
  const begun = Date.now()
  await expect(whoami({ retryMs: 30_000 })).rejects.toMatchObject({
    code: 'openstack-unreachable',
    why: expect.stringContaining('SELF_SIGNED'),
  })
  expect(Date.now() - begun).toBeLessThan(5000)
})

it('goes the way that it is given', async () => {
  let dialled = 0
  const dial = async () => {
    dialled += 1
    return tcp(Number(new URL(fake.authUrl).port), '127.0.0.1')
  }
  expect(await whoami({ ca: certificate, dial, lookup: () => expect.unreachable() })).toBe('admin')
  expect(dialled).toBeGreaterThan(0)
})
