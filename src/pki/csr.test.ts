import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, sign as signBytes, webcrypto, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CsrError, createCa, createCsr, isCurrent, parseCertificate, readCsr, signCsr } from './index.ts'

const hour = 3_600_000
const now = new Date('2026-11-28T12:00:00Z')
const cas = await Promise.all([
  createCa({ commonName: 'demo', days: 10, now, keys: 'ecdsa-p256' }),
  createCa({ commonName: 'demo', days: 10, now, keys: 'rsa-2048' }),
])
const [ca] = cas
const hasOpenssl = spawnSync('openssl', ['version']).error === undefined

type Signing = Readonly<{ key: KeyObject; public: KeyObject; algorithm: webcrypto.EcKeyImportParams }>

const withHash = (name: string, hash: string, extra: object = {}): webcrypto.EcKeyImportParams =>
  ({ name, hash, ...extra }) as unknown as webcrypto.EcKeyImportParams
function keysOf(kind: string): Signing {
  const ec = (namedCurve: string, hash: string): Signing => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
    return { key: privateKey, public: publicKey, algorithm: withHash('ECDSA', hash, { namedCurve }) }
  }
  const rsa = (modulusLength: number, hash: string, publicExponent = 65_537): Signing => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent })
    return { key: privateKey, public: publicKey, algorithm: withHash('RSASSA-PKCS1-v1_5', hash) }
  }
  if (kind === 'P-256' || kind === 'P-384' || kind === 'P-521')
    return ec(kind, kind === 'P-521' ? 'SHA-512' : 'SHA-256')
  if (kind === 'rsa') return rsa(2048, 'SHA-256')
  if (kind === 'rsa sha1') return rsa(2048, 'SHA-1')
  if (kind === 'ec sha1') return ec('P-256', 'SHA-1')
  if (kind === 'rsa 1024') return rsa(1024, 'SHA-256')
  if (kind === 'rsa e=3') return rsa(2048, 'SHA-256', 3)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { key: privateKey, public: publicKey, algorithm: withHash('Ed25519', '') }
}
const made = new Map<string, Signing>()
function keys(kind: string): Signing {
  const known = made.get(kind) ?? keysOf(kind)
  made.set(kind, known)
  return known
}

interface Sketch {
  readonly kind?: string
  readonly name?: x509.JsonNameParams
  readonly extensions?: readonly x509.Extension[]
  readonly attributes?: readonly x509.Attribute[]
}

async function csr({ kind = 'P-256', name = [{ CN: ['admin'] }], extensions, attributes }: Sketch): Promise<string> {
  const { key, public: publicKey, algorithm } = keys(kind)
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: new x509.Name(name),
      keys: {
        privateKey: key.toCryptoKey(algorithm, false, ['sign']),
        publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      },
      signingAlgorithm: algorithm,
      ...(extensions === undefined ? {} : { extensions: [...extensions] }),
      ...(attributes === undefined ? {} : { attributes: [...attributes] }),
    },
    webcrypto,
  )
  return request.toString('pem')
}

const sign = async (text: string, authority = ca): Promise<string> =>
  signCsr({ ca: authority, request: await readCsr(text), now, lifetime: 24 * hour, skew: hour })

/** What openssl says of each certificate for a purpose, all of them in one call. */
function verified(purpose: string, authority: { readonly cert: string }, certs: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'croque-csr-'))
  try {
    writeFileSync(join(directory, 'ca.pem'), authority.cert)
    const files = certs.map((_, index) => `${index}.pem`)
    for (const [index, cert] of certs.entries()) writeFileSync(join(directory, `${index}.pem`), cert)
    const at = String(now.getTime() / 1000)
    return execFileSync(
      'openssl',
      ['verify', '-x509_strict', '-attime', at, '-purpose', purpose, '-CAfile', 'ca.pem', ...files],
      { cwd: directory, encoding: 'utf8' },
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const allOk = (count: number): string => Array.from({ length: count }, (_, index) => `${index}.pem: OK\n`).join('')

const word = fc.stringMatching(/^[A-Za-z0-9:._/@#"\\+,=é漢-]{1,20}$/)
const host = fc.stringMatching(/^(\*\.)?[a-z0-9]{1,10}(-[a-z0-9]{1,5})?(\.[a-z0-9_]{1,8}){0,3}$/)
const parts = fc.record({
  cn: word,
  organizations: fc.array(word, { maxLength: 3 }),
  unit: fc.option(word, { nil: undefined }),
  inOneSet: fc.boolean(),
})
const wishes = fc.record({
  kind: fc.constantFrom('P-256', 'P-384', 'P-521', 'rsa', 'ed25519'),
  hosts: fc.uniqueArray(host, { maxLength: 5 }),
  addresses: fc.uniqueArray(fc.oneof(fc.ipV4(), fc.constantFrom('::1', 'fd00::12:3')), { maxLength: 3 }),
  uses: fc.option(fc.constantFrom(1, 3, 5, 7), { nil: undefined }),
  purposes: fc.option(fc.subarray(['clientAuth', 'serverAuth'] as const, { minLength: 1 }), { nil: undefined }),
  critical: fc.boolean(),
})
const letterForLetter = (value: string) => ({ utf8String: value })

type Parts = typeof parts extends fc.Arbitrary<infer Value> ? Value : never
type Wishes = typeof wishes extends fc.Arbitrary<infer Value> ? Value : never

function sketch({ cn, organizations, unit, inOneSet }: Parts, wish: Wishes): Sketch {
  const { kind, hosts, addresses, uses, purposes, critical } = wish
  const groups = organizations.map(letterForLetter)
  const serves = hosts.length + addresses.length > 0 || purposes?.includes('serverAuth') === true
  const names = [
    ...hosts.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  return {
    kind: kind === 'ed25519' && serves ? 'P-256' : kind,
    name: [
      { CN: [letterForLetter(cn)] },
      ...(inOneSet && groups.length > 0 ? [{ O: groups }] : groups.map((group) => ({ O: [group] }))),
      ...(unit === undefined ? [] : [{ OU: [letterForLetter(unit)] }]),
    ],
    extensions: [
      ...(uses === undefined ? [] : [new x509.KeyUsagesExtension(uses as x509.KeyUsageFlags, critical)]),
      ...(purposes === undefined
        ? []
        : [new x509.ExtendedKeyUsageExtension(purposes.map((purpose) => x509.ExtendedKeyUsage[purpose]))]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  }
}

describe('a good request', () => {
  test('gets what it asked for, and a certificate that its CA issued', async () => {
    await fc.assert(
      fc.asyncProperty(parts, wishes, fc.constantFrom(...cas), async (who, wish, authority) => {
        const { kind = '', ...rest } = sketch(who, wish)
        const cert = await sign(await csr({ kind, ...rest }), authority)
        const read = new X509Certificate(cert)
        const issuer = new X509Certificate(authority.cert)
        expect([read.checkIssued(issuer), read.verify(issuer.publicKey), read.ca]).toEqual([true, true, false])
        expect(read.publicKey.equals(keys(kind).public)).toBe(true)
        const subject = new x509.X509Certificate(cert).subjectName
        expect(subject.getField('CN')).toEqual([who.cn])
        expect(subject.getField('O')).toEqual(who.organizations)
        expect(subject.getField('OU')).toEqual(who.unit === undefined ? [] : [who.unit])
        const names = parseCertificate(cert)
        expect(names.dnsNames).toEqual(wish.hosts)
        expect(names.ipAddresses).toHaveLength(wish.addresses.length)
        for (const address of wish.addresses) expect(read.checkIP(address)).toBe(address)
      }),
      { numRuns: 40 },
    )
  })

  test.skipIf(!hasOpenssl)('is verified by openssl, strictly and for its purpose', async () => {
    const samples = fc.sample(fc.tuple(parts, wishes), { numRuns: 30, seed: 7 })
    for (const authority of cas) {
      const certs = await Promise.all(samples.map(async ([who, wish]) => sign(await csr(sketch(who, wish)), authority)))
      const isFor = (purpose: string) => certs.filter((cert) => new X509Certificate(cert).keyUsage?.includes(purpose))
      const [servers, clients] = [isFor('1.3.6.1.5.5.7.3.1'), isFor('1.3.6.1.5.5.7.3.2')]
      expect(servers.length).toBeGreaterThan(5)
      expect(verified('sslserver', authority, servers)).toBe(allOk(servers.length))
      expect(verified('sslclient', authority, clients)).toBe(allOk(clients.length))
    }
  })

  test('is signed anew with another serial number, and within the life of its CA', async () => {
    const text = await csr({})
    const request = await readCsr(text)
    const long = { ca, request, now, lifetime: 1e12, skew: 1e12 }
    const [one, two] = [new X509Certificate(await signCsr(long)), new X509Certificate(await signCsr(long))]
    const issuer = new X509Certificate(ca.cert)
    expect([one.validFrom, one.validTo]).toEqual([issuer.validFrom, issuer.validTo])
    expect(one.serialNumber).not.toBe(two.serialNumber)
    expect(one.serialNumber.length).toBeGreaterThan(24)
    const short = parseCertificate(await signCsr({ ...long, lifetime: hour, skew: 60_000 }))
    expect([short.notBefore, short.notAfter]).toEqual([
      new Date(now.getTime() - 60_000),
      new Date(now.getTime() + hour),
    ])
    expect(isCurrent(ca.cert, now)).toBe(true)
    expect(isCurrent(ca.cert, new Date(now.getTime() + 10 * 24 * hour))).toBe(false)
  })
})

describe('uses', () => {
  const uses = async (sketched: Sketch) => {
    const certificate = new x509.X509Certificate(await sign(await csr(sketched)))
    return {
      key: certificate.getExtension(x509.KeyUsagesExtension)?.usages,
      purposes: certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String),
      others: certificate.extensions.map(({ type }) => type).sort(),
    }
  }
  const [server, client] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']
  const usual = ['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37']

  test('who asks for nothing becomes a client', async () => {
    expect(await uses({ kind: 'rsa' })).toEqual({ key: 5, purposes: [client], others: usual })
    expect(await uses({ kind: 'P-256' })).toEqual({ key: 1, purposes: [client], others: usual })
  })

  test('who asks for names of a server becomes one as well', async () => {
    const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'kubernetes' }])]
    expect((await uses({ extensions })).purposes).toEqual([client, server])
  })

  test('what is not given and not critical is left out', async () => {
    const extensions = [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.codeSigning]),
      new x509.BasicConstraintsExtension(true, 3, false),
      new x509.CRLDistributionPointsExtension(['http://example.org']),
      await x509.SubjectKeyIdentifierExtension.create(
        new x509.PublicKey(keys('rsa').public.export({ type: 'spki', format: 'der' })),
      ),
    ]
    expect(await uses({ extensions })).toEqual({ key: 1, purposes: [client], others: usual })
  })

  test('a request without a subject has critical names', async () => {
    const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.b' }])]
    const certificate = new x509.X509Certificate(await sign(await csr({ name: [], extensions })))
    expect(certificate.getExtension(x509.SubjectAlternativeNameExtension)?.critical).toBe(true)
  })
})

const named = (name: x509.JsonNameParams): Sketch => ({ name })
const alternative = (...names: x509.JsonGeneralNames): Sketch => ({
  extensions: [new x509.SubjectAlternativeNameExtension(names)],
})
const extended = (...extensions: x509.Extension[]): Sketch => ({ extensions })
const dns = (value: string): Sketch => alternative({ type: 'dns', value })

const refused: readonly (readonly [string, Sketch, RegExp])[] = [
  ['a short RSA key', { kind: 'rsa 1024' }, /1024 bits/],
  ['a small RSA exponent', { kind: 'rsa e=3' }, /exponent 3/],
  ['RSA with SHA-1', { kind: 'rsa sha1' }, /SHA-256/],
  ['ECDSA with SHA-1', { kind: 'ec sha1' }, /SHA-256/],
  ['nobody', named([]), /names nobody/],
  ['two common names', named([{ CN: ['a'] }, { CN: ['b'] }]), /more than one CN/],
  ['two common names in one set', named([{ CN: ['a', 'b'] }]), /more than one CN/],
  ['a set of different attributes', named([{ CN: ['alice'], O: ['system:masters'] }]), /one set/],
  ['NUL in a name', named([{ CN: [{ utf8String: 'admin\0x' }] }]), /do not print/],
  ['a line break in a name', named([{ CN: [{ utf8String: 'a\nb' }] }]), /do not print/],
  ['writing turned around', named([{ CN: [{ utf8String: 'a‮b' }] }]), /do not print/],
  ['a space of no width', named([{ CN: [{ utf8String: 'a​b' }] }]), /do not print/],
  ['a space at the end', named([{ CN: [{ utf8String: 'admin ' }] }]), /spaces at an end/],
  ['an empty name', named([{ CN: [{ utf8String: '' }] }]), /empty|encoding/],
  ['a long name', named([{ CN: ['a'.repeat(65)] }]), /longer than 64/],
  ['a BMPString', named([{ CN: [{ bmpString: 'admin' }] }]), /encoding/],
  ['raw bytes as a name', named([{ CN: ['#0500'] }]), /encoding/],
  ['an attribute nobody knows', named([{ CN: ['a'] }, { '1.2.3.4': ['x'] }]), /attribute 1\.2\.3\.4/],
  [
    'very many attributes',
    named([{ CN: ['a'] }, ...Array.from({ length: 40 }, () => ({ O: ['x'] }))]),
    /41 attributes/,
  ],
  ['a CA, critical', extended(new x509.BasicConstraintsExtension(true, undefined, true)), /become a CA/],
  [
    'to sign certificates, critical',
    extended(new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign, true)),
    /keyUsage/,
  ],
  ['only to sign certificates', extended(new x509.KeyUsagesExtension(32, false)), /keyUsage/],
  ['only to sign code', extended(new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.3'])), /extendedKeyUsage/],
  [
    'any purpose, critical',
    extended(new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'], true)),
    /extendedKeyUsage/,
  ],
  [
    'an unknown critical extension',
    extended(new x509.Extension('1.2.3.4', true, new Uint8Array([5, 0]))),
    /1\.2\.3\.4 is critical/,
  ],
  ['one extension twice', extended(new x509.KeyUsagesExtension(1), new x509.KeyUsagesExtension(4)), /twice/],
  [
    'extensions in two lists',
    {
      attributes: [new x509.ExtensionsAttribute([new x509.KeyUsagesExtension(1)])],
      extensions: [new x509.KeyUsagesExtension(1)],
    },
    /more than one list/,
  ],
  [
    'an extension that is no DER',
    extended(new x509.Extension('2.5.29.17', false, new Uint8Array([1, 2, 3]))),
    /cannot be decoded/,
  ],
  ['NUL in a DNS name', dns('a\0.b'), /no DNS name/],
  ['an empty label', dns('a..b'), /no DNS name/],
  ['a star within', dns('a.*.b'), /no DNS name/],
  ['a star alone', dns('*'), /no DNS name/],
  ['a URL as DNS name', dns('https://a'), /no DNS name/],
  ['a long label', dns('a'.repeat(64)), /no DNS name/],
  ['a mail address', alternative({ type: 'email', value: 'a@b.c' }), /neither/],
  ['a URL', alternative({ type: 'url', value: 'spiffe://a' }), /neither/],
  [
    'very many names',
    alternative(...Array.from({ length: 101 }, (_, i) => ({ type: 'dns' as const, value: `n${i}` }))),
    /101/,
  ],
  [
    'thousands of names',
    alternative(...Array.from({ length: 1000 }, () => ({ type: 'dns' as const, value: 'a' }))),
    /more than anybody needs/,
  ],
  [
    'hundreds of extensions',
    extended(...Array.from({ length: 300 }, (_, i) => new x509.Extension(`1.2.${i}`, false, new Uint8Array([5, 0])))),
    /more than anybody needs/,
  ],
  ['a server with Ed25519', { kind: 'ed25519', ...dns('a') }, /Ed25519/],
]

test.each(refused)('refused: %s', async (_case, sketched, reason) => {
  const reading = readCsr(await csr(sketched))
  await expect(reading).rejects.toBeInstanceOf(CsrError)
  await expect(reading).rejects.toThrow(reason)
})

const good = await csr({
  kind: 'rsa',
  extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
})
const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`
const body = good.split('\n').slice(1, -1).join('\n')
const label = 'CERTIFICATE REQUEST'

const texts: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /no PEM/],
  ['words', 'please sign', /no PEM/],
  ['a private key', block('PRIVATE KEY', body), /not a CERTIFICATE REQUEST/],
  ['a certificate', ca.cert, /not a CERTIFICATE REQUEST/],
  ['two requests', `${good}\n${good}`, /more than one/],
  ['a request and a key', `${good}\n${block('PRIVATE KEY', 'AAAA')}`, /more than one/],
  ['one that is cut off', good.slice(0, -40), /cut off/],
  ['another end', good.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE'), /cut off/],
  ['no base64', block(label, '%%%%'), /no base64/],
  ['encrypted PEM', block(label, `Proc-Type: 4,ENCRYPTED\n\n${body}`), /no base64/],
  ['base64 of nothing', block(label, ''), /no base64/],
  ['base64 of noise', block(label, Buffer.from('hello world').toString('base64')), /cannot be decoded/],
  [
    'something behind',
    block(label, Buffer.concat([Buffer.from(body, 'base64'), Buffer.from([5, 0])]).toString('base64')),
    /DER/,
  ],
  ['nesting without end', block(label, Buffer.alloc(20_000, 0x30).toString('base64')), /cannot be decoded/],
  ['a flood', `${good}${'\n'.repeat(40_000)}`, /characters long/],
  ['a flood of dashes', '-----BEGIN '.repeat(2900), /not a CERTIFICATE/],
]

test.each(texts)('refused text: %s', async (_case, text, reason) => {
  await expect(readCsr(text)).rejects.toBeInstanceOf(CsrError)
  await expect(readCsr(text)).rejects.toThrow(reason)
})

test.each([
  ['as it is', good],
  ['with CRLF and indented', good.replaceAll('\n', '\r\n  ')],
  ['with text around', `Certificate Request:\n    Data: ...\n${good}\nThank you\n`],
  ['by its old name', good.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')],
])('taken: %s', async (_case, text) => {
  expect((await readCsr(text)).subject).toEqual([{ type: '2.5.4.3', value: 'admin' }])
})

describe('a spoiled request is refused, and nothing else happens', async () => {
  const originals = await Promise.all(
    ['rsa', 'P-256', 'P-521', 'ed25519'].map(async (kind) =>
      Buffer.from(
        (
          await csr({
            kind,
            name: [{ CN: ['admin'] }, { O: ['system:masters'] }],
            extensions: [new x509.KeyUsagesExtension(1, true)],
          })
        )
          .split('\n')
          .slice(1, -1)
          .join(''),
        'base64',
      ),
    ),
  )
  const wrong = async (bytes: Buffer) =>
    await expect(readCsr(block(label, bytes.toString('base64')))).rejects.toBeInstanceOf(CsrError)

  test('one byte changed', async () => {
    const change = fc.record({
      original: fc.constantFrom(...originals),
      at: fc.nat(),
      by: fc.integer({ min: 1, max: 255 }),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ original, at, by }) => {
        const bytes = Buffer.from(original)
        bytes[at % bytes.length] = ((bytes[at % bytes.length] ?? 0) + by) % 256
        await wrong(bytes)
      }),
      { numRuns: 150 },
    )
  })

  test('a signature whose numbers do not fill it', async () => {
    // Found by the test above: the library verifies it, though its inner length is wrong.
    const lengthened = Buffer.from(
      'MIIBBTCBrAIBADApMQ4wDAYDVQQDEwVhZG1pbjEXMBUGA1UEChMOc3lzdGVtOm1hc3RlcnMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT8YVxgP4fd5qtTMjYwQ0vtT4AH+Wo8kSr3ricMN8fZVuwGCE8MOxBigVSPGahLa2M25pDFU0/hSQrLPf1wo02loCEwHwYJKoZIhvcNAQkOMRIwEDAOBgNVHQ8BAf8EBAMCB4AwCgYIKoZIzj0EAwIDSAAwJAIgCi3ZcaWWzE/bDUcLH9gTpsRqHeYs5r0QacbKREuJUNMCIQDDFVQZNTkaICsC343mp+8Nn45RkSkL94UbEo3+oXUjhg==',
      'base64',
    )
    await wrong(lengthened)
  })

  test('bytes taken out, doubled or put in', async () => {
    const change = fc.record({
      original: fc.constantFrom(...originals),
      from: fc.nat(),
      length: fc.integer({ min: 1, max: 40 }),
      put: fc.uint8Array({ maxLength: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ original, from, length, put }) => {
        const at = from % original.length
        const bytes = Buffer.concat([original.subarray(0, at), put, original.subarray(at + length)])
        fc.pre(!bytes.equals(original))
        await wrong(bytes)
      }),
      { numRuns: 100 },
    )
  })

  test('any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300 }), async (text) => {
        await expect(readCsr(text)).rejects.toBeInstanceOf(CsrError)
      }),
    )
  })
})

/** Of the element of DER at that place: how long its tag and length are, and its bytes. */
const headOf = (bytes: Buffer, at: number): number => {
  const length = bytes[at + 1] ?? 0
  return 2 + (length < 128 ? 0 : length & 127)
}
const element = (bytes: Buffer, at: number): Buffer => {
  const head = headOf(bytes, at)
  const length = head === 2 ? (bytes[at + 1] ?? 0) : bytes.readUIntBE(at + 2, head - 2)
  return bytes.subarray(at, at + head + length)
}

/** Tag, length and content in DER. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

describe('whatever somebody signs', async () => {
  const everything = await csr({
    name: [{ CN: ['admin'] }, { O: ['system:masters'] }],
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.BasicConstraintsExtension(false),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'a.example.org' },
        { type: 'ip', value: '10.0.0.1' },
      ]),
      new x509.CertificatePolicyExtension(['1.2.3.4']),
    ],
  })
  const bytes = Buffer.from(everything.split('\n').slice(1, -1).join(''), 'base64')
  const inner = element(bytes, headOf(bytes, 0))
  const { key } = keys('P-256')
  const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex')

  test('is refused, or becomes a certificate of no CA', async () => {
    const change = fc.array(
      fc.record({ at: fc.integer({ min: 4, max: inner.length - 1 }), to: fc.nat({ max: 255 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    let taken = 0
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const info = Buffer.from(inner)
        for (const { at, to } of changes) info[at] = to
        const signature = der(3, Buffer.from([0]), signBytes('sha256', info, key))
        const text = block(label, der(0x30, info, algorithm, signature).toString('base64'))
        const cert = await sign(text).catch((error: unknown) => {
          expect(error).toBeInstanceOf(CsrError)
        })
        if (cert === undefined) return
        taken++
        const read = new X509Certificate(cert)
        expect([read.ca, read.verify(new X509Certificate(ca.cert).publicKey)]).toEqual([false, true])
      }),
      { numRuns: 300 },
    )
    expect(taken).toBeGreaterThan(10)
  })
})

/** The shapes of clients as they send them (their own code was read), made by openssl. */
const shapes: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'python-magnumclient and magnum-ui',
    ['-newkey', 'rsa:2048', '-sha256', '-subj', '/CN=admin/O=system:masters'],
    ['sslclient'],
  ],
  ['Terraform', ['-newkey', 'rsa:4096', '-sha512', '-subj', '/O=system:masters/OU=terraform/CN=admin'], ['sslclient']],
  [
    "Magnum's kubelet",
    [
      '-newkey',
      'rsa:2048',
      '-subj',
      '/CN=system:node:demo-node-0/O=system:nodes/OU=OpenStack\\/Magnum/C=US/ST=TX/L=Austin',
      '-addext',
      'subjectAltName=IP:10.0.0.5,DNS:demo-node-0,DNS:host',
      '-addext',
      'keyUsage=critical,digitalSignature,keyEncipherment',
      '-addext',
      'extendedKeyUsage=clientAuth,serverAuth',
    ],
    ['sslclient', 'sslserver'],
  ],
  [
    "Magnum's etcd",
    [
      '-newkey',
      'rsa:2048',
      '-subj',
      '/CN=etcd',
      '-addext',
      'subjectAltName=IP:127.0.0.1,IP:10.0.0.5',
      '-addext',
      'extendedKeyUsage=clientAuth,serverAuth',
    ],
    ['sslclient', 'sslserver'],
  ],
]

test.skipIf(!hasOpenssl).each(shapes)('%s', async (_client, options, purposes) => {
  const text = execFileSync('openssl', ['req', '-new', '-nodes', '-keyout', '/dev/null', ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for (const authority of cas) {
    const cert = await sign(text, authority)
    for (const purpose of purposes) expect(verified(purpose, authority, [cert])).toBe(allOk(1))
    const subject = (kind: string, input: string) =>
      execFileSync('openssl', [kind, '-noout', '-subject'], { encoding: 'utf8', input })
    expect(subject('x509', cert)).toBe(subject('req', text))
  }
})

const openssl = (...options: readonly string[]): string =>
  execFileSync('openssl', ['req', '-new', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=admin', ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
const onCurve = (name: string, ...more: readonly string[]): readonly string[] => [
  ...['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${name}`],
  ...more,
]

test.skipIf(!hasOpenssl).each([
  ['a curve of Bitcoin', onCurve('secp256k1'), /secp256k1/],
  ['a short curve', onCurve('P-224'), /secp224r1/],
  ['a curve written out', onCurve('P-256', '-pkeyopt', 'ec_param_enc:explicit'), /writes its curve out/],
  ['Ed448', ['-newkey', 'ed448'], /ed448/],
  ['RSA-PSS by signature', ['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss'], /PKCS #1/],
  ['RSA with SHA-224', ['-newkey', 'rsa:2048', '-sha224'], /SHA-256/],
])('refused: %s', async (_case, options, reason) => {
  const reading = readCsr(openssl(...options))
  await expect(reading).rejects.toBeInstanceOf(CsrError)
  await expect(reading).rejects.toThrow(reason)
})

test.skipIf(!hasOpenssl)('a point in its short form is written in the usual one, which Go reads', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'croque-point-'))
  try {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    writeFileSync(join(directory, 'key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const run = (...args: readonly string[]) =>
      execFileSync('openssl', args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    run('ec', '-in', 'key', '-conv_form', 'compressed', '-out', 'short')
    const text = run('req', '-new', '-key', 'short', '-subj', '/CN=admin')
    const usual = publicKey.export({ type: 'spki', format: 'der' })
    expect(new x509.Pkcs10CertificateRequest(text).publicKey.rawData.byteLength).toBeLessThan(usual.length)
    expect((await readCsr(text)).key.spki).toEqual(usual)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test.each(['ecdsa-p256', 'rsa-2048'] as const)('a client makes its own key and request (%s)', async (algorithm) => {
  const { csr: text, key } = await createCsr({
    commonName: 'admin',
    organizations: ['system:masters', 'a, "b"'],
    keys: algorithm,
  })
  const cert = new X509Certificate(await sign(text))
  const { createPrivateKey } = await import('node:crypto')
  expect(cert.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(new x509.X509Certificate(cert.raw).subjectName.getField('O')).toEqual(['system:masters', 'a, "b"'])
})
