/** Alternative names of a certificate: where a server may be reached. */
import { isIP } from 'node:net'
import { CsrError } from './csr-error.ts'

export interface AlternativeName {
  readonly type: 'dns' | 'ip'
  readonly value: string
}

const mostNames = 100
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i

/** @throws CsrError: a certificate without a name that was asked for would only fail later. */
export function checkNames(
  names: readonly { readonly type: string; readonly value: string }[],
): readonly AlternativeName[] {
  if (names.length > mostNames)
    throw new CsrError(`It asks for ${names.length} alternative names; ${mostNames} are taken.`)
  return names.map(({ type, value }) => {
    if (type === 'dns' && isHostName(value)) return { type, value }
    if (type === 'ip' && isIP(value) !== 0) return { type, value }
    if (type === 'dns') throw new CsrError(`It asks for an alternative name that is no DNS name.`)
    throw new CsrError(
      'It asks for an alternative name that is neither a DNS name nor an IP address; only those are given.',
    )
  })
}

function isHostName(value: string): boolean {
  if (value.length > 253) return false
  const labels = value.split('.')
  if (labels.length > 1 && labels[0] === '*') labels.shift()
  return labels.every((each) => label.test(each))
}
