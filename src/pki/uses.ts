/**
 * What a certificate may be used for: of what was asked, that which a cluster's CA gives. As X.509 has it, a critical wish that
 * cannot be granted refuses the whole; another one is left out.
 */
import { CsrError } from './csr-error.ts'

export type KeyUse = 'digitalSignature' | 'contentCommitment' | 'keyEncipherment'
export type Purpose = 'clientAuth' | 'serverAuth'

/** Bits of RFC 5280's KeyUsage, as the library counts them; the same list as Magnum's `x509.allowed_key_usage`. */
const keyUses: readonly (readonly [number, KeyUse])[] = [
  [1, 'digitalSignature'],
  [2, 'contentCommitment'],
  [4, 'keyEncipherment'],
]

const purposes: Readonly<Record<string, Purpose>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
}

/** @throws CsrError when something critical is not given, or nothing would be left. */
export function grantedKeyUses(asked: { readonly bits: number; readonly critical: boolean }): readonly KeyUse[] {
  const granted = keyUses.filter(([bit]) => (asked.bits & bit) !== 0)
  const rest = granted.reduce((bits, [bit]) => bits & ~bit, asked.bits)
  if (granted.length === 0 || (asked.critical && rest !== 0))
    throw new CsrError(
      'Its keyUsage asks for what is not given. Given are digitalSignature, keyEncipherment and nonRepudiation; never what a CA needs.',
    )
  return granted.map(([, use]) => use)
}

/** @throws CsrError when something critical is not given, or nothing would be left. */
export function grantedPurposes(asked: {
  readonly oids: readonly string[]
  readonly critical: boolean
}): readonly Purpose[] {
  const granted = new Set(asked.oids.flatMap((oid) => (Object.hasOwn(purposes, oid) ? (purposes[oid] ?? []) : [])))
  if (granted.size === 0 || (asked.critical && asked.oids.some((oid) => !Object.hasOwn(purposes, oid))))
    throw new CsrError('Its extendedKeyUsage asks for what is not given. Given are clientAuth and serverAuth.')
  return [...granted]
}
