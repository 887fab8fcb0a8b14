/** Which public keys a certificate is given for. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { CsrError } from './csr-error.ts'

export type KeyType = 'rsa' | 'ec' | 'ed25519'

export interface CheckedKey {
  readonly type: KeyType
  /** DER (SubjectPublicKeyInfo), encoded anew: what nobody's parser stumbles over. */
  readonly spki: Buffer
}

const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/** Go's TLS, and so kubectl and the API server, take no longer ones. */
const longestRsa = 8192
/** Go keeps exponents in 32 bits; below this one, RSA is fragile, and nobody makes such keys. */
const exponents = { least: 65_537n, most: 2n ** 31n - 1n }

/** @throws CsrError when it is of another kind, too weak, or more than clients take. */
export function checkPublicKey(bytes: ArrayBuffer): CheckedKey {
  const key = read(bytes)
  const type = key.asymmetricKeyType
  if (type === 'rsa') checkRsa(key)
  else if (type === 'ec') checkCurve(key)
  else if (type !== 'ed25519')
    throw new CsrError(
      `Its key is of type ${type ?? 'unknown'}. Taken are RSA, ECDSA (P-256, P-384, P-521) and Ed25519.`,
    )
  // By way of JWK, whatever form the points and numbers had becomes the usual one.
  const plain = createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' })
  const spki = plain.export({ type: 'spki', format: 'der' })
  if (type === 'ec' && bytes.byteLength > spki.length)
    throw new CsrError('Its key writes its curve out in numbers. Make one that names it, as is usual.')
  return { type, spki }
}

function read(bytes: ArrayBuffer): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(bytes), type: 'spki', format: 'der' })
  } catch (cause) {
    throw new CsrError('Its public key cannot be read.', { cause })
  }
}

function checkCurve(key: KeyObject): void {
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (!curves.has(curve))
    throw new CsrError(`Its key is on the curve ${curve ?? 'of its own'}. Taken are P-256, P-384 and P-521.`)
}

function checkRsa(key: KeyObject): void {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength < 2048 || modulusLength > longestRsa)
    throw new CsrError(`Its RSA key has ${modulusLength} bits. Taken are 2048 to ${longestRsa}; 2048 is usual.`)
  if (publicExponent < exponents.least || publicExponent > exponents.most || publicExponent % 2n === 0n)
    throw new CsrError(`Its RSA key has the exponent ${shown(publicExponent)}. Make a key with the usual one, 65537.`)
  const modulus = BigInt(`0x${Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url').toString('hex')}`)
  if (smallPrimes.some((prime) => modulus % prime === 0n))
    throw new CsrError('Its RSA key is broken: its modulus has a small factor. Make a new one.')
}

const shown = (number: bigint): string => (number > exponents.most ? 'of a huge number' : String(number))

/** Those below 752, as the CA/Browser Forum asks (Baseline Requirements 6.1.6). */
const smallPrimes: readonly bigint[] = Array.from({ length: 750 }, (_, index) => index + 2)
  .filter((number, _, all) => all.every((other) => other * other > number || number % other !== 0))
  .map(BigInt)
