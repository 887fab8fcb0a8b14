/** The subject of a certificate request: who somebody says to be. What is taken is taken letter for letter. */
import { CsrError } from './csr-error.ts'
import { commonName, domainComponent, emailAddress, type NamePart, organization } from './name.ts'

/** An attribute as it was encoded; `text` is undefined for encodings that are not taken. */
export interface RawNamePart {
  readonly type: string
  readonly text: string | undefined
}

/** Upper bounds of X.520. */
const known: Readonly<Record<string, { readonly name: string; readonly longest: number; readonly once?: boolean }>> = {
  [commonName]: { name: 'CN', longest: 64, once: true },
  [organization]: { name: 'O', longest: 64 },
  '2.5.4.11': { name: 'OU', longest: 64 },
  '2.5.4.5': { name: 'serialNumber', longest: 64, once: true },
  '2.5.4.6': { name: 'C', longest: 2, once: true },
  '2.5.4.7': { name: 'L', longest: 128 },
  '2.5.4.8': { name: 'ST', longest: 128 },
  '2.5.4.9': { name: 'street', longest: 128 },
  '2.5.4.17': { name: 'postalCode', longest: 40 },
  '0.9.2342.19200300.100.1.1': { name: 'UID', longest: 128, once: true },
  [domainComponent]: { name: 'DC', longest: 63 },
  [emailAddress]: { name: 'emailAddress', longest: 255 },
}

const mostParts = 32

/** Letters, marks, digits, signs and single spaces within: nothing that is invisible or turns the direction of writing. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+(?: [\p{L}\p{M}\p{N}\p{P}\p{S}]+)*$/u

/**
 * The parts of a name, each to stand alone. Several values of one type in one set are what Go makes of several organizations;
 * a set of different types shows one thing to one reader and another to the next.
 * @throws CsrError
 */
export function checkSubject(sets: readonly (readonly RawNamePart[])[]): readonly NamePart[] {
  if (sets.some((set) => new Set(set.map(({ type }) => type)).size !== 1))
    throw new CsrError(
      'Its subject joins attributes of different types in one set (CN=a+O=b). Write them one after another.',
    )
  const parts = sets.flat().map(checkPart)
  if (parts.length > mostParts)
    throw new CsrError(`Its subject has ${parts.length} attributes; ${mostParts} are taken.`)
  for (const [type, { name, once }] of Object.entries(known)) {
    if (once === true && parts.filter((part) => part.type === type).length > 1)
      throw new CsrError(`Its subject has more than one ${name}.`)
  }
  return parts
}

function checkPart({ type, text }: RawNamePart): NamePart {
  const rule = Object.hasOwn(known, type) ? known[type] : undefined
  if (rule === undefined) {
    const names = Object.values(known).map(({ name }) => name)
    throw new CsrError(`Its subject has an attribute ${type.slice(0, 64)}. Taken are ${names.join(', ')}.`)
  }
  if (text === undefined)
    throw new CsrError(`${rule.name} of its subject is in an encoding that is not taken. UTF8String is usual.`)
  if ([...text].length > rule.longest)
    throw new CsrError(`${rule.name} of its subject is longer than ${rule.longest} characters.`)
  if (!printable.test(text))
    throw new CsrError(
      `${rule.name} of its subject is empty, or has characters that do not print, or spaces at an end.`,
    )
  return { type, value: text }
}
