/** The administrator's session of a running cloud, and what its steps need of this machine. */
import type { StepContext } from '../catalog/index.ts'
import { CroqueError } from '../errors/index.ts'
import type { Kube } from '../kube/index.ts'
import { connect, type OpenStack } from '../openstack/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'
import { kubectl } from './kubectl.ts'

export interface Credentials {
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly project: string
  readonly region: string
  readonly ca: string
}

/** Text of one key of a Secret; throws `secret-missing`. */
async function secretText(kube: Kube, namespace: string, name: string, key: string): Promise<string> {
  const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })
  const data = secret?.['data'] as Readonly<Record<string, string>> | undefined
  const value = data?.[key]
  if (value === undefined)
    throw new CroqueError('secret-missing', { what: `the Secret ${namespace}/${name} has no key ${key}` })
  return Buffer.from(value, 'base64').toString('utf8')
}

export async function credentials(installation: Installation, kube: Kube): Promise<Credentials> {
  const { namespace } = installation.rendering
  const { endpoints, region } = installation.cloud.spec
  const [password, ca] = await Promise.all([
    secretText(kube, namespace, 'keystone-secrets', 'admin-password'),
    secretText(kube, namespace, 'croque-ca', 'ca.crt'),
  ])
  return {
    authUrl: `https://${endpoints.host}:${endpoints.port}/identity/v3`,
    username: 'admin',
    password,
    project: 'admin',
    region,
    ca,
  }
}

/** Connects by 127.0.0.1 whatever the name resolves to: the forwarder is there. */
export function adminSession(given: Credentials, signal: AbortSignal): OpenStack {
  return connect({
    ...given,
    userDomain: 'Default',
    projectDomain: 'Default',
    interface: 'public',
    signal,
    lookup: (_host, options, done) =>
      options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4),
  })
}

export interface StepContexts {
  readonly make: (say: (message: string) => void) => Promise<StepContext>
  /** Ends idle connections. */
  readonly close: () => void
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
  const open = async (): Promise<OpenStack> => {
    const given = await credentials(installation, kube)
    session ??= adminSession(given, context.signal)
    return session
  }
  const close = (): void => session?.close()
  const make = async (say: (message: string) => void): Promise<StepContext> => {
    return {
      cloud: await open(),
      fresh: options.fresh ?? false,
      say,
      signal: context.signal,
      onNetworkNode: async (command) => {
        const result = await kubectl(context, installation, [
          '-n',
          namespace,
          'exec',
          'daemonset/ovn-gateway',
          '--',
          ...command,
        ])
        return { code: result.code, stdout: result.stdout }
      },
      testImage: async () => {
        const { ensureTestImage } = await import('../images/index.ts')
        return await ensureTestImage({
          repoDir: context.repoDir,
          cacheDir: context.cacheDir,
          env: context.env,
          signal: context.signal,
          report: { step: async (_id, work) => await work(say) },
        })
      },
      publicKey: async () => await secretText(kube, namespace, 'nova-keypair', 'id_ed25519.pub'),
    }
  }
  return { make, close }
}
