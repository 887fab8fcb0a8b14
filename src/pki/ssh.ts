/** SSH key pairs in the form of OpenSSH (PROTOCOL.key of its sources). */
import { generateKeyPairSync } from 'node:crypto'
import { type RandomBytes, systemRandom } from './random.ts'

export interface SshKeyPair {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----`, without a passphrase. A secret. */
  readonly privateKey: string
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string
}

const type = 'ssh-ed25519'

export function sshKeyPair(comment: string, random: RandomBytes = systemRandom): SshKeyPair {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const point = Buffer.from(jwk.x ?? '', 'base64url')
  const seed = Buffer.from(jwk.d ?? '', 'base64url')
  const publicBlob = Buffer.concat([field(type), field(point)])
  const check = random(4)
  const secret = pad(
    Buffer.concat([check, check, field(type), field(point), field(Buffer.concat([seed, point])), field(comment)]),
  )
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    number(1),
    field(publicBlob),
    field(secret),
  ])
  return {
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines(blob), '-----END OPENSSH PRIVATE KEY-----', ''].join(
      '\n',
    ),
    publicKey: `${type} ${publicBlob.toString('base64')} ${comment}`,
  }
}

function number(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

/** The private part is filled up with 1, 2, 3, … to the block size of the cipher, which for none is 8. */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))])
}

const lines = (blob: Buffer): readonly string[] => blob.toString('base64').match(/.{1,70}/g) ?? []
