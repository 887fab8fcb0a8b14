/** Certificate authorities and the certificates they issue for keys that are made here, PEM. ECDSA P-256 unless told otherwise. */
import { type KeyObject, webcrypto } from 'node:crypto'
import type * as X509 from '@peculiar/x509'
import { type KeyAlgorithm, newKeys, privatePem, signingKey } from './keys.ts'
import { type Library, library } from './library.ts'
import { commonName, distinguishedName } from './name.ts'
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

export interface CaRequest extends Validity {
  /** @default 'ecdsa-p256' */
  readonly keys?: KeyAlgorithm
  /** How long before `now` it is valid from, milliseconds. @default five minutes */
  readonly skew?: number
}

export interface ServerRequest extends Validity {
  readonly ca: KeyPair
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** May be shown by a client as well. @default false */
  readonly client?: boolean
}

const day = 86_400_000

/** Clocks of nodes and guests differ a little. */
const defaultSkew = 5 * 60_000

/** A self-signed CA that may issue end certificates, and no further CAs. */
export async function createCa(request: CaRequest): Promise<KeyPair> {
  const [x509, keys] = await Promise.all([library(), newKeys(request.keys ?? 'ecdsa-p256')])
  const publicKey = spki(x509, keys.publicKey)
  const name = distinguishedName(x509, [{ type: commonName, value: request.commonName }])
  const { key, algorithm } = signingKey(keys.privateKey)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...base(request),
      notBefore: new Date(request.now.getTime() - (request.skew ?? defaultSkew)),
      subject: name,
      issuer: name,
      publicKey,
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pem(certificate), key: privatePem(keys.privateKey) }
}

/** A certificate for a TLS server under these names and addresses; never valid for longer than its CA. */
export async function issueServer(request: ServerRequest): Promise<KeyPair> {
  const [x509, keys] = await Promise.all([library(), newKeys('ecdsa-p256')])
  const publicKey = spki(x509, keys.publicKey)
  const authority = new x509.X509Certificate(request.ca.cert)
  const { key, algorithm } = signingKey(request.ca.key)
  const { notAfter, ...rest } = base(request)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...rest,
      notAfter: new Date(Math.min(notAfter.getTime(), authority.notAfter.getTime())),
      subject: distinguishedName(x509, [{ type: commonName, value: request.commonName }]),
      issuer: authority.subjectName,
      publicKey,
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          ...(request.client === true ? [x509.ExtendedKeyUsage.clientAuth] : []),
        ]),
        new x509.SubjectAlternativeNameExtension(alternativeNames(request)),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pem(certificate), key: privatePem(keys.privateKey) }
}

function base(request: Validity) {
  return {
    serialNumber: serialNumber(request.random ?? systemRandom),
    notBefore: new Date(request.now.getTime() - defaultSkew),
    notAfter: new Date(request.now.getTime() + request.days * day),
  }
}

/** 128 random bits, as a positive number. A zero byte in front, where the first bit is set, is the encoder's affair. */
export const serialNumber = (random: RandomBytes): string => random(16).toString('hex')

const alternativeNames = (request: ServerRequest): X509.JsonGeneralNames => [
  ...request.dnsNames.map((value) => ({ type: 'dns' as const, value })),
  ...request.ipAddresses.map((value) => ({ type: 'ip' as const, value })),
]

const spki = (x509: Library, key: KeyObject): X509.PublicKey =>
  new x509.PublicKey(key.export({ type: 'spki', format: 'der' }))

export const pem = (certificate: X509.X509Certificate): string => `${certificate.toString('pem')}\n`
