/** One generation of everything that a cluster trusts and signs with. */
import { createCa, generateKeys, type KeyPair, type RandomBytes, type RawKeyPair } from '../../pki/index.ts'
import { type CaKind, caKinds } from './kinds.ts'
import type { CertificateSettings } from './settings.ts'

export interface Authorities {
  readonly cas: Readonly<Record<CaKind, KeyPair>>
  /** What tokens of service accounts are signed with. */
  readonly serviceAccount: RawKeyPair
}

export interface Recipe {
  readonly clusterName: string
  readonly settings: CertificateSettings
  readonly now: Date
  readonly random?: RandomBytes
  /** Where the keys for tokens come from. @default they are made */
  readonly serviceAccountKeys?: () => Promise<RawKeyPair>
}

/** X.520 has no longer common names; names of clusters may be. */
const longestName = 64

const hour = 3_600_000

export async function makeAuthorities(recipe: Recipe): Promise<Authorities> {
  const { clusterName, settings, now, random } = recipe
  const { serviceAccountKeys = () => generateKeys(settings.serviceAccountKeys) } = recipe
  const make = async (): Promise<KeyPair> =>
    await createCa({
      commonName: [...clusterName].slice(0, longestName).join(''),
      days: settings.caDays,
      now,
      keys: settings.keys,
      skew: settings.skewHours * hour,
      ...(random === undefined ? {} : { random }),
    })
  const [kubernetes, etcd, frontProxy, serviceAccount] = await Promise.all([
    make(),
    make(),
    make(),
    serviceAccountKeys(),
  ])
  return { cas: { kubernetes, etcd, 'front-proxy': frontProxy }, serviceAccount }
}

/** PEM of these CAs of one kind, one after the other. */
export const bundle = (generations: readonly Authorities[], kind: CaKind): string =>
  generations.map(({ cas }) => cas[kind].cert).join('')

export type Material = Readonly<Record<string, string>>

/** As keys and texts of a Secret, each with a prefix. */
export function printAuthorities({ cas, serviceAccount }: Authorities, prefix: string): Material {
  return {
    ...Object.fromEntries(
      caKinds.flatMap((kind) => [
        [`${prefix}${kind}.crt`, cas[kind].cert],
        [`${prefix}${kind}.key`, cas[kind].key],
      ]),
    ),
    [`${prefix}service-account.key`]: serviceAccount.privateKey,
    [`${prefix}service-account.pub`]: serviceAccount.publicKey,
  }
}

/** @throws Error when something is missing */
export function parseAuthorities(data: Material, prefix: string): Authorities {
  const text = (name: string): string => {
    const found = data[`${prefix}${name}`]
    if (found === undefined || found === '')
      throw new Error(`The Secret of the cluster's certificates has no ${prefix}${name}`)
    return found
  }
  const pair = (kind: CaKind): KeyPair => ({ cert: text(`${kind}.crt`), key: text(`${kind}.key`) })
  return {
    cas: { kubernetes: pair('kubernetes'), etcd: pair('etcd'), 'front-proxy': pair('front-proxy') },
    serviceAccount: { privateKey: text('service-account.key'), publicKey: text('service-account.pub') },
  }
}
