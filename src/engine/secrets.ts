/** Generated Secrets: missing keys are made once; what exists is never changed, but for certificates that have had their time; two runs never overwrite one another. */
import { CroqueError } from '../errors/index.ts'
import { type Kube, KubeError, type KubeObject, type ObjectRef } from '../kube/index.ts'
import { needsRenewal } from '../pki/index.ts'
import type { GeneratedSecret, Generator } from '../render/index.ts'

/** Marks a Secret whose values exist nowhere else: it is never deleted as superfluous. */
export const generatedAnnotation = 'croque.dev/generated'

export interface CaPair {
  readonly cert: string
  readonly key: string
}

/** Makes the values of one generator: one value, or the two halves of a pair. `ca` is given for certificates. */
export type Generate = (generator: Generator, ca: CaPair | undefined) => Promise<readonly string[]>

export const secretRef = (secret: GeneratedSecret): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Secret',
  name: secret.name,
  namespace: secret.namespace,
})

/** The data keys that a generator fills. */
function dataKeys(key: string, generator: Generator): readonly string[] {
  if (generator.kind === 'ca' || generator.kind === 'certificate') return [`${key}.crt`, `${key}.key`]
  return generator.kind === 'ssh-key' ? [key, `${key}.pub`] : [key]
}

/**
 * Generators with nothing in the Secret yet, and certificates that end soon or are not for the names that are wanted now.
 * Throws `secret-incomplete` when only half of a pair is there.
 */
export function missingKeys(secret: GeneratedSecret, live: KubeObject | undefined): readonly string[] {
  if (live !== undefined && secret.once === true) return []
  const data = dataOf(live)
  return Object.entries(secret.keys)
    .filter(([key, generator]) => {
      const names = dataKeys(key, generator)
      const there = names.filter((name) => data[name] !== undefined)
      if (there.length > 0 && there.length < names.length) {
        throw new CroqueError('secret-incomplete', {
          what: `Secret ${secret.namespace}/${secret.name} has ${there.join()} but not the rest of ${names.join(' and ')}`,
        })
      }
      return there.length === 0 || isStale(generator, data[`${key}.crt`])
    })
    .map(([key]) => key)
}

function isStale(generator: Generator, certificate: string | undefined): boolean {
  if (generator.kind !== 'certificate' || certificate === undefined) return false
  const { dnsNames, ipAddresses } = generator
  return needsRenewal(decode(certificate), { now: new Date(), dnsNames, ipAddresses })
}

/** What keeps Secrets. */
type SecretServer = Pick<Kube, 'get' | 'create' | 'patch'>

/**
 * Makes the Secret or adds its missing keys. Returns what was done and the Secret.
 * When another run is quicker, its values win and ours are thrown away.
 */
export async function ensureSecret(
  secret: GeneratedSecret,
  kube: SecretServer,
  generate: Generate,
): Promise<'created' | 'configured' | 'unchanged'> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const live = await kube.get(secretRef(secret))
    const missing = missingKeys(secret, live)
    if (live !== undefined && missing.length === 0) return 'unchanged'
    const data: Record<string, string> = {}
    for (const key of missing) Object.assign(data, await valuesOf(secret, key, kube, generate))
    const written = live === undefined ? create(secret, data, kube) : add(secret, live, data, kube)
    const done = await written.catch((error: unknown) => {
      if (error instanceof KubeError && error.status === 409) return undefined
      throw error
    })
    if (done !== undefined) return done
  }
  throw new CroqueError('kube-conflict', {
    what: `Secret ${secret.namespace}/${secret.name} is changed by others all the time`,
  })
}

async function valuesOf(
  secret: GeneratedSecret,
  key: string,
  kube: SecretServer,
  generate: Generate,
): Promise<Record<string, string>> {
  const generator = secret.keys[key]
  if (generator === undefined) return {}
  const ca = generator.kind === 'certificate' ? await readCa(secret, generator.ca, kube) : undefined
  const values = await generate(generator, ca)
  return Object.fromEntries(
    dataKeys(key, generator).map((name, index) => [name, Buffer.from(values[index] ?? '').toString('base64')]),
  )
}

async function readCa(secret: GeneratedSecret, ca: string, kube: SecretServer): Promise<CaPair> {
  const [name = '', key = ''] = ca.split('/')
  const data = dataOf(await kube.get({ apiVersion: 'v1', kind: 'Secret', name, namespace: secret.namespace }))
  const [cert, privateKey] = [data[`${key}.crt`], data[`${key}.key`]]
  if (cert === undefined || privateKey === undefined) {
    throw new CroqueError('secret-incomplete', {
      what: `The CA ${ca} that signs for Secret ${secret.namespace}/${secret.name} is not there`,
    })
  }
  return { cert: decode(cert), key: decode(privateKey) }
}

async function create(secret: GeneratedSecret, data: Record<string, string>, kube: SecretServer): Promise<'created'> {
  const { name, namespace, labels, type } = secret
  const metadata = { name, namespace, labels, annotations: { [generatedAnnotation]: 'true' } }
  await kube.create({ apiVersion: 'v1', kind: 'Secret', metadata, type, data })
  return 'created'
}

async function add(
  secret: GeneratedSecret,
  live: KubeObject,
  data: Record<string, string>,
  kube: SecretServer,
): Promise<'configured'> {
  // With the version that was read, the server refuses the patch when somebody else wrote in between.
  const { resourceVersion } = live.metadata
  await kube.patch(secretRef(secret), {
    metadata: { resourceVersion, labels: secret.labels, annotations: { [generatedAnnotation]: 'true' } },
    data,
  })
  return 'configured'
}

function dataOf(secret: KubeObject | undefined): Readonly<Record<string, string>> {
  return (secret as { data?: Record<string, string> } | undefined)?.data ?? {}
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
