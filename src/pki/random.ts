/** Passwords and symmetric keys. The source of randomness is an argument so that tests can hold it still. */
import { randomBytes } from 'node:crypto'

/** Answers that many random bytes. */
export type RandomBytes = (count: number) => Buffer

export const systemRandom: RandomBytes = (count) => randomBytes(count)

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Bytes from here on would make some letters likelier than others. */
const limit = 256 - (256 % letters.length)

/** Letters and digits only: safe in URLs, INI files, shells and SQL. Just under 6 bits a letter. */
export function generatePassword(length: number, random: RandomBytes = systemRandom): string {
  let password = ''
  while (password.length < length) {
    for (const byte of random(length)) {
      if (byte < limit && password.length < length) password += letters[byte % letters.length]
    }
  }
  return password
}

/** A key of Python's `cryptography.fernet`: URL-safe base64 of 32 bytes, padded. */
export function generateFernetKey(random: RandomBytes = systemRandom): string {
  return random(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/**
 * A secret key of Ceph (`cephx`): kind 1 (AES), the time it was made, and 16 bytes with their length, all little-endian.
 * Source: `ceph/src/auth/Crypto.h`, `CryptoKey::encode`.
 */
export function generateCephKey(now: Date, random: RandomBytes = systemRandom): string {
  const head = Buffer.alloc(12)
  head.writeUInt16LE(1, 0)
  head.writeUInt32LE(Math.floor(now.getTime() / 1000), 2)
  head.writeUInt32LE((now.getTime() % 1000) * 1_000_000, 6)
  head.writeUInt16LE(16, 10)
  return Buffer.concat([head, random(16)]).toString('base64')
}
