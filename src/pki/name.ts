/** Distinguished names, encoded. */
import type { Name } from '@peculiar/x509'
import type { Library } from './library.ts'

/** One attribute of a name. */
export interface NamePart {
  /** OID. */
  readonly type: string
  readonly value: string
}

export const commonName = '2.5.4.3'
export const organization = '2.5.4.10'
export const domainComponent = '0.9.2342.19200300.100.1.25'
export const emailAddress = '1.2.840.113549.1.9.1'

/** A name of these attributes, each in a set of its own. */
export const distinguishedName = (x509: Library, parts: readonly NamePart[]): Name =>
  new x509.Name(parts.map(({ type, value }) => ({ [type]: [encoded(type, value)] })))

/** Always with its encoding named: in plain text, the library would read `#`, quotes and backslashes as something else. */
function encoded(type: string, value: string) {
  if ((type === emailAddress || type === domainComponent) && /^[ -~]*$/.test(value)) return { ia5String: value }
  return /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? { printableString: value } : { utf8String: value }
}
