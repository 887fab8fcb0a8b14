/** Microversions: what a request asks for and what the answer says about it. */

/** The minor versions this API speaks. */
export const firstMinor = 1
export const lastMinor = 14

/** The service words of `OpenStack-API-Version` in requests. Answers always say the first one, as Magnum does since its 21st release. */
const serviceWords = ['container-infrastructure-management', 'container-infrastructure', 'container-infra'] as const

export type Negotiated =
  | { readonly ok: true; readonly minor: number; readonly headers: Readonly<Record<string, string>> }
  /** No version at all: an ordinary 406 with this detail, without version headers. */
  | { readonly ok: false; readonly detail: string }
  /** A version there is not: 406 with the error object itself. `description` is told to those who prefer JSON. */
  | {
      readonly ok: false
      readonly error: Readonly<Record<string, unknown>>
      readonly description: string
      readonly headers: Readonly<Record<string, string>>
    }

const word = serviceWords[0]
const help = { rel: 'help', href: 'http://docs.openstack.org/api-guide/compute/microversions.html' }
const [lowest, highest] = [`1.${firstMinor}`, `1.${lastMinor}`]
const supported = `[${word} ${lowest}, ${word} ${highest}]`

/** From the request's `OpenStack-API-Version`; without one it is 1.1. */
export function negotiate(header: string | undefined): Negotiated {
  if (header === undefined) return spoken(firstMinor)
  const [service, version, ...more] = header.trim().split(/\s+/)
  if (service === undefined || version === undefined || more.length > 0) return noService
  // Whose latest version it is does not matter to Magnum.
  if (version.toLowerCase() === 'latest') return spoken(lastMinor)
  if (!serviceWords.some((known) => known === service)) return noService
  const [, majorText, minorText] = /^([+-]?\d+)\.([+-]?\d+)$/.exec(version) ?? []
  if (majorText === undefined || minorText === undefined)
    return { ok: false, detail: 'Invalid value for OpenStack-API-Version header' }
  const [major, minor] = [Number(majorText), Number(minorText)]
  return major === 1 && minor >= firstMinor && minor <= lastMinor
    ? spoken(minor)
    : unspoken(major, `${BigInt(majorText)}.${BigInt(minorText)}`)
}

const noService: Negotiated = { ok: false, detail: 'Invalid service type for OpenStack-API-Version header' }

/** Made once: they stand in every answer. */
const spokenVersions: readonly Negotiated[] = Array.from({ length: lastMinor + 1 }, (_, minor) => ({
  ok: true,
  minor,
  headers: versionHeaders(`1.${minor}`),
}))

function spoken(minor: number): Negotiated {
  return spokenVersions[minor] ?? noService
}

function versionHeaders(version: string): Readonly<Record<string, string>> {
  return {
    'openstack-api-minimum-version': `${word} ${lowest}`,
    'openstack-api-maximum-version': `${word} ${highest}`,
    'openstack-api-version': `${word} ${version}`,
    vary: 'OpenStack-API-Version',
  }
}

function unspoken(major: number, version: string): Negotiated {
  const description =
    major === 1
      ? `Version ${version} was requested but the minor version is not supported by this service. The supported version range is: ${supported}.`
      : `Mutually exclusive versions requested. Version ${version} requested but not supported by this service.The supported version range is: ${supported}.`
  return {
    ok: false,
    description,
    headers: versionHeaders(version),
    error: {
      code: 'magnum.microversion-unsupported',
      title: 'Requested microversion is unsupported',
      max_version: highest,
      min_version: lowest,
      links: [help],
    },
  }
}
