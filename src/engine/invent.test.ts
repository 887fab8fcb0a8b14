import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Rendering } from '../render/index.ts'
import { inventSecrets } from './index.ts'

const about = { namespace: 'cloud', labels: { mine: 'yes' }, type: 'Opaque' }
const rendering: Rendering = {
  namespace: 'cloud',
  ownLabels: {},
  units: [
    {
      id: 'base',
      kind: 'base',
      title: 'base',
      needs: [],
      objects: [],
      timeoutSeconds: 1,
      secrets: [
        { ...about, name: 'ca', keys: { ca: { kind: 'ca', commonName: 'A CA' } } },
        {
          ...about,
          name: 'tls',
          type: 'kubernetes.io/tls',
          keys: {
            tls: { kind: 'certificate', ca: 'ca/ca', commonName: 'host', dnsNames: ['host'], ipAddresses: [] },
            word: { kind: 'password', length: 20 },
          },
        },
      ],
    },
  ],
}

const dataOf = async () =>
  (await inventSecrets(rendering)).map(
    (secret) =>
      Object.fromEntries(
        Object.entries(secret['data'] as Record<string, string>).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64').toString(),
        ]),
      ) as Record<string, string>,
  )

test('makes every Secret whole, certificates by the CA that stands before them', async () => {
  const [ca = {}, tls = {}] = await dataOf()
  const issuer = new X509Certificate(ca['ca.crt'] ?? '')
  expect(new X509Certificate(tls['tls.crt'] ?? '').verify(issuer.publicKey)).toBe(true)
  expect(tls['word']).toHaveLength(20)
})

test('never the same values twice', async () => {
  const [one, other] = [await dataOf(), await dataOf()]
  expect(one[1]?.['word']).not.toBe(other[1]?.['word'])
})
