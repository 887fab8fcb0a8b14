/**
 * Certificate requests (PKCS #10) of strangers, read as a careful CA reads them. The library decodes; whatever is taken over is
 * checked and encoded anew, so that nothing of a sender's encoding reaches a certificate.
 */
import { webcrypto } from 'node:crypto'
import type { Extension, Pkcs10CertificateRequest } from '@peculiar/x509'
import { CsrError } from './csr-error.ts'
import { type Library, library } from './library.ts'
import { commonName, type NamePart } from './name.ts'
import { type AlternativeName, checkNames } from './names.ts'
import { requestBytes } from './pem.ts'
import { type CheckedKey, checkPublicKey, type KeyType } from './public-key.ts'
import { checkSubject, type RawNamePart } from './subject.ts'
import { grantedKeyUses, grantedPurposes, type KeyUse, type Purpose } from './uses.ts'

/** A request that may be signed as it stands: all of it was asked for, and all of it is given. */
export interface CertificateRequest {
  readonly subject: readonly NamePart[]
  readonly key: CheckedKey
  readonly keyUses: readonly KeyUse[]
  readonly purposes: readonly Purpose[]
  readonly names: readonly AlternativeName[]
}

/** @throws CsrError for everything that is not taken; for nothing else. */
export async function readCsr(text: string): Promise<CertificateRequest> {
  const bytes = requestBytes(text)
  const x509 = await library()
  const parsed = attempt('It cannot be decoded, or holds more than anybody needs', () => parse(x509, bytes))
  const key = checkPublicKey(parsed.spki)
  await checkSignature(parsed, key.type)
  const wishes = readExtensions(x509, parsed.extensions)
  const subject = checkSubject(parsed.subject)
  const request = { subject, key, ...withDefaults(wishes, key.type) }
  checkIdentity(request)
  return request
}

/** What cannot be decoded is the sender's fault, whatever the decoder throws. */
function attempt<Value>(reason: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof CsrError) throw cause
    throw new CsrError(`${reason}. Send what "openssl req -new" writes.`, { cause })
  }
}

interface Parsed {
  readonly subject: readonly (readonly RawNamePart[])[]
  readonly spki: ArrayBuffer
  readonly extensions: readonly Extension[]
  readonly signature: {
    readonly name: string
    readonly hash: string
    readonly hasParameters: boolean
    readonly bytes: Buffer
  }
  readonly verify: () => Promise<boolean>
}

/** A request with all that is taken has some 400 elements; thousands of them would keep the decoder busy for long. */
const limits = { berOptions: { maxNodes: 600, maxDepth: 16 } }

function parse(x509: Library, bytes: Buffer): Parsed {
  const opened = open(x509)
  const csr = new opened(bytes, limits)
  if (!new opened(bytes, limits).encodedAnew().equals(bytes))
    throw new CsrError('It is not in DER, or something follows it.')
  return {
    subject: csr.subjectParts(),
    spki: csr.publicKey.rawData,
    extensions: extensionsOf(csr),
    signature: {
      name: nameOf(csr.signatureAlgorithm),
      hash: nameOf(csr.signatureAlgorithm.hash),
      hasParameters: csr.hasParameters(),
      bytes: Buffer.from(csr.signature),
    },
    verify: () => csr.verify(webcrypto),
  }
}

/** Of an algorithm as Web Crypto writes it; the library's types leave the names out. */
const nameOf = (algorithm: unknown): string =>
  typeof algorithm === 'object' && algorithm !== null && 'name' in algorithm ? String(algorithm.name) : 'none'

/** The library's class with what it keeps to itself: encodings, which tell apart what its texts do not. */
function open(x509: Library) {
  return class extends x509.Pkcs10CertificateRequest {
    subjectParts(): readonly (readonly RawNamePart[])[] {
      // The library's arrays make arrays of their own kind of whatever is mapped; these are plain ones.
      return Array.from(this.asn.certificationRequestInfo.subject, (set) =>
        Array.from(set, ({ type, value: { utf8String, printableString, ia5String } }) => ({
          type,
          text: utf8String ?? printableString ?? ia5String,
        })),
      )
    }

    /** RFC 4055 has NULL for RSA, and some leave it out. */
    hasParameters(): boolean {
      const { parameters } = this.asn.signatureAlgorithm
      return parameters !== undefined && parameters !== null
    }

    /** Spoils this object: for comparing only. */
    encodedAnew(): Buffer {
      delete this.asn.certificationRequestInfoRaw
      return Buffer.from(new x509.Pkcs10CertificateRequest(this.asn).rawData)
    }
  }
}

const extensionRequest = '1.2.840.113549.1.9.14'

function extensionsOf(csr: Pkcs10CertificateRequest): readonly Extension[] {
  const requests = csr.getAttributes(extensionRequest)
  if (requests.length > 1 || requests.some(({ values }) => values.length !== 1))
    throw new CsrError('It has more than one list of extensions.')
  const extensions = [...csr.extensions]
  if (new Set(extensions.map(({ type }) => type)).size !== extensions.length)
    throw new CsrError('It asks for one extension twice.')
  return extensions
}

const signatures: Readonly<Record<KeyType, string>> = { rsa: 'RSASSA-PKCS1-v1_5', ec: 'ECDSA', ed25519: 'Ed25519' }
const hashes: Readonly<Record<KeyType, readonly string[]>> = {
  rsa: ['SHA-256', 'SHA-384', 'SHA-512'],
  ec: ['SHA-256', 'SHA-384', 'SHA-512'],
  ed25519: ['none'],
}

async function checkSignature({ signature, verify }: Parsed, type: KeyType): Promise<void> {
  if (signature.name !== signatures[type] || !hashes[type].includes(signature.hash) || signature.hasParameters)
    throw new CsrError(
      'It is signed in a way that is not taken. Taken are SHA-256, SHA-384 and SHA-512 with RSA (PKCS #1 v1.5) or ECDSA, and Ed25519.',
    )
  // What the library throws here comes of a signature that has not even the form of one.
  const valid = (type !== 'ec' || isPairOfNumbers(signature.bytes)) && (await verify().catch(() => false))
  if (!valid) throw new CsrError('Its signature does not fit its key: it was changed, or signed with another key.')
}

/** ECDSA-Sig-Value (RFC 3279, 2.2.3) in DER: two numbers and nothing else. The library looks for its numbers less closely. */
function isPairOfNumbers(bytes: Buffer): boolean {
  const long = bytes[1] === 0x81
  const start = long ? 3 : 2
  const length = long ? bytes[2] : bytes[1]
  if (bytes[0] !== 0x30 || length !== bytes.length - start || (long && length < 0x80)) return false
  const first = start + 2 + (bytes[start + 1] ?? 0)
  const second = first + 2 + (bytes[first + 1] ?? 0)
  return bytes[start] === 0x02 && bytes[first] === 0x02 && second === bytes.length
}

interface Wishes {
  readonly keyUses?: readonly KeyUse[]
  readonly purposes?: readonly Purpose[]
  readonly names: readonly AlternativeName[]
}

/** Given by every certificate of ours, with a value of our own. */
const subjectKeyIdentifier = '2.5.29.14'

function readExtensions(x509: Library, extensions: readonly Extension[]): Wishes {
  let wishes: Wishes = { names: [] }
  for (const extension of extensions) {
    const { critical, type } = extension
    if (extension instanceof x509.KeyUsagesExtension) {
      wishes = { ...wishes, keyUses: grantedKeyUses({ bits: extension.usages, critical }) }
    } else if (extension instanceof x509.ExtendedKeyUsageExtension) {
      wishes = { ...wishes, purposes: grantedPurposes({ oids: Array.from(extension.usages, String), critical }) }
    } else if (extension instanceof x509.SubjectAlternativeNameExtension) {
      wishes = { ...wishes, names: checkNames([...extension.names.items]) }
    } else if (extension instanceof x509.BasicConstraintsExtension) {
      if (extension.ca && critical) throw new CsrError('It asks to become a CA, which is never given.')
    } else if (critical && type !== subjectKeyIdentifier) {
      throw new CsrError(
        `Its extension ${type.slice(0, 64)} is critical and not allowed. Allowed are keyUsage, extendedKeyUsage, subjectAltName and basicConstraints.`,
      )
    }
  }
  return wishes
}

/** Who says nothing of uses gets the narrowest that works: a client, and a server as well where names of one are asked for. */
function withDefaults({ keyUses, purposes, names }: Wishes, type: KeyType): Required<Wishes> {
  return {
    keyUses: keyUses ?? (type === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature']),
    purposes: purposes ?? (names.length > 0 ? ['clientAuth', 'serverAuth'] : ['clientAuth']),
    names,
  }
}

function checkIdentity({ subject, names, purposes, key }: CertificateRequest): void {
  if (!subject.some(({ type }) => type === commonName) && names.length === 0)
    throw new CsrError('It names nobody: give its subject a CN, such as /O=system:masters/CN=admin.')
  if (key.type === 'ed25519' && purposes.includes('serverAuth'))
    throw new CsrError(
      'It is for a server and has an Ed25519 key, which browsers do not take. Make one with RSA or ECDSA.',
    )
}
