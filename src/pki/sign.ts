/** Certificates for checked requests. */
import { webcrypto, X509Certificate } from 'node:crypto'
import type { Extension } from '@peculiar/x509'
import { type KeyPair, pem, serialNumber } from './authority.ts'
import type { CertificateRequest } from './csr.ts'
import { signingKey } from './keys.ts'
import { type Library, library } from './library.ts'
import { distinguishedName } from './name.ts'
import { type RandomBytes, systemRandom } from './random.ts'
import type { KeyUse } from './uses.ts'

export interface SigningOrder {
  readonly ca: KeyPair
  readonly request: CertificateRequest
  readonly now: Date
  /** Length of validity from `now`, milliseconds; cut at the end of the CA's. */
  readonly lifetime: number
  /** How long before `now` it is valid from, milliseconds; cut at the beginning of the CA's. */
  readonly skew: number
  /** Source of the serial number; the system's by default. */
  readonly random?: RandomBytes
}

/** A certificate (PEM) with what the request has and nothing more. The CA must be valid `now`. */
export async function signCsr({ ca, request, now, lifetime, skew, random }: SigningOrder): Promise<string> {
  const x509 = await library()
  const authority = new x509.X509Certificate(ca.cert)
  const { key, algorithm } = signingKey(ca.key)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(random ?? systemRandom),
      notBefore: new Date(Math.max(now.getTime() - skew, authority.notBefore.getTime())),
      notAfter: new Date(Math.min(now.getTime() + lifetime, authority.notAfter.getTime())),
      subject: distinguishedName(x509, request.subject),
      issuer: authority.subjectName,
      publicKey: new x509.PublicKey(request.key.spki),
      signingKey: key,
      signingAlgorithm: algorithm,
      extensions: await extensionsOf(x509, request, authority.publicKey),
    },
    webcrypto,
  )
  return pem(certificate)
}

async function extensionsOf(
  x509: Library,
  { keyUses, purposes, names, subject, key }: CertificateRequest,
  authorityKey: InstanceType<Library['PublicKey']>,
): Promise<Extension[]> {
  const flags: Readonly<Record<KeyUse, number>> = {
    digitalSignature: x509.KeyUsageFlags.digitalSignature,
    contentCommitment: x509.KeyUsageFlags.nonRepudiation,
    keyEncipherment: x509.KeyUsageFlags.keyEncipherment,
  }
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(
      keyUses.reduce((bits, use) => bits | flags[use], 0),
      true,
    ),
    new x509.ExtendedKeyUsageExtension(purposes.map((purpose) => x509.ExtendedKeyUsage[purpose])),
    // RFC 5280, 4.2.1.6: without a subject, the names are all there is.
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names], subject.length === 0)]),
    await x509.SubjectKeyIdentifierExtension.create(new x509.PublicKey(key.spki), false, webcrypto),
    await x509.AuthorityKeyIdentifierExtension.create(authorityKey, false, webcrypto),
  ]
}

/** Whether a certificate is valid at that moment, as far as its dates tell. */
export function isCurrent(cert: string, now: Date): boolean {
  const { validFrom, validTo } = new X509Certificate(cert)
  return new Date(validFrom) <= now && now < new Date(validTo)
}
