/** The scalar values of the Cloud document, each with the sentence a user reads when a value does not fit. */
import { z } from 'zod'
import { parseAddress, parseCidr } from './address.ts'

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/

/** A DNS label: what Kubernetes names and host names are made of. */
export const dnsLabel = (maximum: number) =>
  z
    .string()
    .max(maximum, `at most ${maximum} characters`)
    .regex(label, 'lower-case letters, digits and "-", beginning with a letter and ending with a letter or digit')

export const hostName = z
  .string()
  .max(253, 'at most 253 characters')
  .regex(
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'a host name in lower case, such as cloud.example.org',
  )

const registryForm =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:\d{1,5})?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/

/** Whether a text names a registry: HOST[:PORT][/PREFIX]. */
export const isRegistry = (text: string): boolean => text.length <= 253 && registryForm.test(text)

export const registry = z
  .string()
  .refine(isRegistry, 'HOST[:PORT][/PREFIX] in lower case, such as registry.example.org:5000/croque')

export const certificates = z
  .string()
  .regex(
    /^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
    'one certificate or several in PEM, and nothing else',
  )

/** Name of an object in Kubernetes (RFC 1123 subdomain). */
export const objectName = z
  .string()
  .max(253, 'at most 253 characters')
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'a name in lower case, such as my-secret')

export const port = z.int('a whole number').min(1, 'at least 1').max(65535, 'at most 65535')

export const ipv4 = z.string().refine((text) => parseAddress(text) !== undefined, 'an IPv4 address, such as 172.24.4.1')

export const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'an IPv4 network, such as 172.24.4.0/24, with no host bits set')

export const mtu = z.int('a whole number').min(1280, 'at least 1280').max(9216, 'at most 9216')

const quantityForm = /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/

/** A Kubernetes quantity; numbers are taken as their text. */
export const quantity = z
  .union([z.string(), z.number()], 'a Kubernetes quantity: "500m", "512Mi", 2')
  .refine((value) => quantityForm.test(String(value)), 'a Kubernetes quantity: "500m", "512Mi", 2')
  .transform(String)

const durationForm = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** Seconds of a duration such as `90s`, `15m` or `1h30m`; undefined when the text is none. */
function parseDuration(text: string): number | undefined {
  const match = durationForm.exec(text)
  if (match === null || text === '') return undefined
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
}

/** Timers do not count further than 24 days. */
export const longestDuration = 7 * 24 * 3600

/** A duration in the document; whole seconds after loading. */
export const duration = z
  .string('a duration with its unit, such as 90s, 15m or 1h30m')
  .refine((text) => (parseDuration(text) ?? 0) > 0, 'a duration with its unit, such as 90s, 15m or 1h30m')
  .refine((text) => (parseDuration(text) ?? 0) <= longestDuration, 'at most 168h, a week')
  .transform((text) => parseDuration(text) ?? 0)

export const imageTag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'a tag, such as 2026.1-ubuntu-noble')
