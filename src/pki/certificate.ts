/** Reading certificates. */
import { X509Certificate } from 'node:crypto'

export interface Certificate {
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly isCa: boolean
}

/** The first certificate of a PEM text. @throws when there is none. */
export function parseCertificate(pem: string): Certificate {
  const certificate = new X509Certificate(pem)
  const names = (certificate.subjectAltName ?? '').split(', ')
  return {
    commonName: /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '',
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    dnsNames: valuesOf(names, 'DNS:'),
    ipAddresses: valuesOf(names, 'IP Address:'),
    isCa: certificate.ca,
  }
}

/** Whether less than a third of the validity is left at `now`, or the certificate is not what is wanted any more. */
export function needsRenewal(
  pem: string,
  wanted: { now: Date; dnsNames?: readonly string[]; ipAddresses?: readonly string[]; ca?: string },
): boolean {
  const certificate = parseCertificate(pem)
  const validity = certificate.notAfter.getTime() - certificate.notBefore.getTime()
  if (certificate.notAfter.getTime() - wanted.now.getTime() < validity / 3) return true
  if (wanted.ca !== undefined && !new X509Certificate(pem).verify(new X509Certificate(wanted.ca).publicKey)) return true
  return misses(certificate.dnsNames, wanted.dnsNames) || misses(certificate.ipAddresses, wanted.ipAddresses)
}

const valuesOf = (names: readonly string[], prefix: string): readonly string[] =>
  names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))

const misses = (present: readonly string[], wanted: readonly string[] = []): boolean =>
  wanted.some((name) => !present.includes(name))
