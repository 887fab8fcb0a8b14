/** The administrator's session of a running cloud, and what its steps need of this machine. */
import tls from 'node:tls'
import type { StepContext, TestImage } from '../catalog/index.ts'
import { CroqueError } from '../errors/index.ts'
import { isPodReady, type Kube } from '../kube/index.ts'
import { type ConnectOptions, connect, type OpenStack } from '../openstack/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'
import { nodeImageSource } from './node-image-source.ts'
import { type SecretReader, secretTextIfThere } from './secret-text.ts'

export interface Credentials {
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly project: string
  readonly region: string
  /** PEM text; absent when the system's roots are to be trusted. */
  readonly ca?: string
}

/** Text of one key of a Secret of ours; throws `secret-missing`. */
async function secretText(kube: SecretReader, namespace: string, name: string, key: string): Promise<string> {
  const text = await secretTextIfThere(kube, namespace, name, key)
  if (text === undefined)
    throw new CroqueError('secret-missing', { what: `the Secret ${namespace}/${name} has no key ${key}` })
  return text
}

/** What clients are to trust: the CA of the cloud, or what stands beside the user's own certificate, if anything does. */
async function trusted(installation: Facts, kube: SecretReader): Promise<string | undefined> {
  const { namespace } = installation.rendering
  const { source, secretRef } = installation.cloud.spec.endpoints.tls
  if (source === 'generated' || secretRef === undefined) return await secretText(kube, namespace, 'croque-ca', 'ca.crt')
  return await secretTextIfThere(kube, namespace, secretRef.name, 'ca.crt')
}

type Facts = Pick<Installation, 'cloud'> & { readonly rendering: Pick<Installation['rendering'], 'namespace'> }

export async function credentials(installation: Facts, kube: SecretReader): Promise<Credentials> {
  const { namespace } = installation.rendering
  const { endpoints, region } = installation.cloud.spec
  const [password, ca] = await Promise.all([
    secretText(kube, namespace, 'keystone-secrets', 'admin-password'),
    trusted(installation, kube),
  ])
  return {
    authUrl: `https://${endpoints.host}:${endpoints.port}/identity/v3`,
    username: 'admin',
    password,
    project: 'admin',
    region,
    ...(ca === undefined ? {} : { ca }),
  }
}

/**
 * What vouches for the gateways that serve now. While the document changes from one certificate to another, and for some seconds
 * after the new gateway is ready, connections still reach the old one.
 */
async function served(kube: SecretReader, namespace: string): Promise<readonly string[]> {
  const gateway = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'gateway-proxy' })
  const spec = gateway?.['spec'] as
    | { template: { spec: { volumes?: { secret?: { secretName: string } }[] } } }
    | undefined
  const names = (spec?.template.spec.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? [])
  const found = await Promise.all(
    ['croque-ca', ...names].map((name) => secretTextIfThere(kube, namespace, name, 'ca.crt')),
  )
  return found.filter((text) => text !== undefined)
}

/** How to come to the public APIs from here: by name at 127.0.0.1, where the forwarder is, or through the API server of the cluster. */
type Way = Pick<ConnectOptions, 'lookup' | 'dial'>

const atLoopback: Way = {
  lookup: (_host, options, done) =>
    options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
}

export function wayOf({ underlay, cloud, rendering }: Installation, kube: Kube): Way {
  if (underlay.local !== undefined) return atLoopback
  const { namespace } = rendering
  return {
    dial: async () => {
      const pod = await readyPod(kube, namespace, 'gateway.proxy')
      if (pod !== undefined) return await kube.connect({ namespace, name: pod }, cloud.spec.endpoints.port)
      throw Object.assign(new Error('no Pod of the gateway is ready'), { code: 'ECONNREFUSED' })
    },
  }
}

/** Name of a ready Pod of a component that is not on its way out. */
async function readyPod(kube: Kube, namespace: string, component: string): Promise<string | undefined> {
  const labelSelector = `croque.dev/component=${component}`
  const { items } = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector })
  return items.find((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined)?.metadata.name
}

/** `cas` are trusted beside what the credentials say. */
export function adminSession(
  given: Credentials,
  signal: AbortSignal,
  { way, cas = [] }: { readonly way: Way; readonly cas?: readonly string[] },
): OpenStack {
  const trusted = [...(given.ca === undefined ? systemRoots() : [given.ca]), ...cas]
  return connect({
    ...given,
    ...(trusted.length === 0 ? {} : { ca: [...new Set(trusted)].join('\n') }),
    userDomain: 'Default',
    projectDomain: 'Default',
    interface: 'public',
    signal,
    ...way,
  })
}

/** Node has roots of its own, which know nothing of what an administrator has added to this machine. */
const systemRoots = (): readonly string[] => tls.getCACertificates('system')

export interface StepContexts {
  readonly make: (say: (message: string) => void) => Promise<StepContext>
  /** Ends idle connections. */
  readonly close: () => void
}

async function makeTestImage(
  { repoDir, cacheDir, env, signal }: CommandContext,
  say: (message: string) => void,
): Promise<TestImage> {
  const { ensureTestImage } = await import('../images/index.ts')
  return await ensureTestImage({
    repoDir,
    cacheDir,
    env,
    signal,
    report: { step: async (_id, work) => await work(say) },
  })
}

/** What content and verification steps work with; the session is opened when the first step asks. */
export function stepContexts(
  context: CommandContext,
  installation: Installation,
  kube: Kube,
  options: { readonly fresh?: boolean } = {},
): StepContexts {
  const { namespace } = installation.rendering
  let session: OpenStack | undefined
  let before: Promise<readonly string[]> | undefined
  let testImage: Promise<TestImage> | undefined
  const open = async (): Promise<OpenStack> => {
    before ??= served(kube, namespace)
    const [cas, given] = await Promise.all([before, credentials(installation, kube)])
    session ??= adminSession(given, context.signal, { way: wayOf(installation, kube), cas })
    return session
  }
  // What is being built still when all else has ended is not wanted any more.
  const over = new AbortController()
  const close = (): void => {
    session?.close()
    over.abort()
  }
  const building = { ...context, signal: AbortSignal.any([context.signal, over.signal]) }
  const make = async (say: (message: string) => void): Promise<StepContext> => {
    return {
      cloud: await open(),
      fresh: options.fresh ?? false,
      say,
      signal: context.signal,
      onNetworkNode: async (command) => {
        const pod = await readyPod(kube, namespace, 'ovn.gateway')
        if (pod === undefined)
          throw new CroqueError('kube-not-found', {
            what: 'No Pod of a network node is ready: croque.dev/component=ovn.gateway',
          })
        const { code, stdout } = await kube.exec({ namespace, name: pod }, { command }, { signal: context.signal })
        return { code, stdout }
      },
      // Several steps may ask at once; it is built and read once.
      testImage: () => {
        testImage ??= makeTestImage(context, say)
        return testImage
      },
      nodeImage: nodeImageSource(building),
      publicKey: async () => await secretText(kube, namespace, 'nova-keypair', 'id_ed25519.pub'),
    }
  }
  return { make, close }
}
