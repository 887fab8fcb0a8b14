/** Certificate authorities and the server certificates they issue: ECDSA P-256, PEM. */
import { webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import { type RandomBytes, systemRandom } from './random.ts'

export interface KeyPair {
  /** PEM certificate. */
  readonly cert: string
  /** PEM private key (PKCS #8). A secret. */
  readonly key: string
}

interface Validity {
  readonly commonName: string
  /** Length of validity from `now` in days. */
  readonly days: number
  readonly now: Date
  /** Source of the serial number; the system's by default. Keys always come from the system. */
  readonly random?: RandomBytes
}

export type CaRequest = Validity

export interface ServerRequest extends Validity {
  readonly ca: KeyPair
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** May be shown by a client as well. @default false */
  readonly client?: boolean
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

/** The library loads slowly, so it is loaded only when something is issued. */
async function library(): Promise<typeof X509> {
  await import('reflect-metadata')
  return await import('@peculiar/x509')
}

/** Clocks of nodes and guests differ a little. */
const skew = 5 * 60_000

/** A self-signed CA that may issue end certificates, and no further CAs. */
export async function createCa(request: CaRequest): Promise<KeyPair> {
  const x509 = await library()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...base(request),
      name: new x509.Name([{ CN: [request.commonName] }]),
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pem(certificate), key: await privatePem(keys.privateKey) }
}

/** A certificate for a TLS server under these names and addresses; never valid for longer than its CA. */
export async function issueServer(request: ServerRequest): Promise<KeyPair> {
  const x509 = await library()
  const keys = await generateKeys()
  const authority = new x509.X509Certificate(request.ca.cert)
  const { notAfter, ...rest } = base(request)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...rest,
      notAfter: new Date(Math.min(notAfter.getTime(), authority.notAfter.getTime())),
      subject: new x509.Name([{ CN: [request.commonName] }]),
      issuer: authority.subjectName,
      publicKey: keys.publicKey,
      signingKey: await importPrivate(request.ca.key),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          ...(request.client === true ? [x509.ExtendedKeyUsage.clientAuth] : []),
        ]),
        new x509.SubjectAlternativeNameExtension(alternativeNames(request)),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pem(certificate), key: await privatePem(keys.privateKey) }
}

function base(request: Validity) {
  return {
    serialNumber: serialNumber(request.random ?? systemRandom),
    notBefore: new Date(request.now.getTime() - skew),
    notAfter: new Date(request.now.getTime() + request.days * day),
    signingAlgorithm: algorithm,
  }
}

/** 128 random bits, as a positive number. A zero byte in front, where the first bit is set, is the encoder's affair. */
const serialNumber = (random: RandomBytes): string => random(16).toString('hex')

const alternativeNames = (request: ServerRequest): X509.JsonGeneralNames => [
  ...request.dnsNames.map((value) => ({ type: 'dns' as const, value })),
  ...request.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
]

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const pem = (certificate: X509.X509Certificate): string => `${certificate.toString('pem')}\n`

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const { PemConverter } = await library()
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

async function importPrivate(text: string): Promise<webcrypto.CryptoKey> {
  const { PemConverter } = await library()
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(text), algorithm, false, ['sign'])
}
