/** Private keys as PEM (PKCS #8): made off the event loop, and read back for signing. */
import { createPrivateKey, generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto'
import { promisify } from 'node:util'

/** `ecdsa-p256` is made a thousand times faster than RSA; `rsa-…` is for clients that know nothing else. */
export const keyAlgorithms = ['ecdsa-p256', 'rsa-2048', 'rsa-4096'] as const
export type KeyAlgorithm = (typeof keyAlgorithms)[number]

export interface RawKeyPair {
  /** PEM (PKCS #8). A secret. */
  readonly privateKey: string
  /** PEM (SubjectPublicKeyInfo). */
  readonly publicKey: string
}

const generate = promisify(generateKeyPair)

/** A key pair without a certificate, as Kubernetes signs the tokens of service accounts with. */
export async function generateKeys(algorithm: KeyAlgorithm): Promise<RawKeyPair> {
  const { privateKey, publicKey } = await newKeys(algorithm)
  return { privateKey: privatePem(privateKey), publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

export const newKeys = (algorithm: KeyAlgorithm): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> =>
  algorithm === 'ecdsa-p256'
    ? generate('ec', { namedCurve: 'P-256' })
    : generate('rsa', { modulusLength: algorithm === 'rsa-2048' ? 2048 : 4096 })

export const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export interface SigningKey {
  readonly key: webcrypto.CryptoKey
  /** What it signs with: always SHA-256. */
  readonly algorithm: typeof rsa | typeof ecdsa
}

/** @throws when the text is no RSA or ECDSA P-256 key. */
export function signingKey(key: string | KeyObject): SigningKey {
  const object = typeof key === 'string' ? createPrivateKey(key) : key
  const algorithm = object.asymmetricKeyType === 'rsa' ? rsa : ecdsa
  return { key: object.toCryptoKey(algorithm, false, ['sign']), algorithm }
}
