/** From the kubeconfig of a document to a connection; programs that make credentials are run when a token is asked for. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { readFileIfThere, run } from '../../host/index.ts'
import { type KubeEndpoint, oneContext } from '../../kube/index.ts'
import type { KubeAccess } from '../underlay.ts'
import { type Chosen, choose, type Exec, invalid, type User } from './config.ts'

export interface Where {
  /** As the document says it; absent: KUBECONFIG, or `~/.kube/config`. */
  readonly file?: string
  readonly context?: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Throws `kubeconfig-invalid` when there is no file, or nothing in it that can be used. */
export async function openAccess(where: Where): Promise<KubeAccess> {
  const paths = pathsOf(where)
  const texts = await Promise.all(paths.map(async (path) => ({ path, text: await readFileIfThere(path) })))
  const files = texts.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]))
  if (files.length === 0)
    throw invalid(`there is no kubeconfig at ${paths.join(', ')}`, 'Name the file in spec.underlay.kubeconfig.')
  const chosen = choose(files, where.context)
  return {
    ...(await endpointOf(chosen, where)),
    kubeconfig: textOf(chosen),
    kubeconfigFile: paths.join(':'),
    context: chosen.context,
  }
}

function pathsOf({ file, cwd, env }: Where): readonly string[] {
  const home = env['HOME'] ?? homedir()
  const at = (path: string): string => resolve(cwd, path.startsWith('~/') ? join(home, path.slice(2)) : path)
  if (file !== undefined) return [at(file)]
  const listed = (env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '')
  return listed.length > 0 ? listed.map(at) : [join(home, '.kube/config')]
}

async function endpointOf({ cluster, user }: Chosen, where: Where): Promise<KubeEndpoint> {
  if (cluster['insecure-skip-tls-verify'] === true)
    throw invalid(
      'the kubeconfig says insecure-skip-tls-verify: secrets of the cloud would go to whoever answers',
      'Put the CA of the API server into certificate-authority-data.',
    )
  if (cluster['proxy-url'] !== undefined) throw invalid('the kubeconfig has a proxy-url, which is not supported')
  const [ca, cert, key] = await Promise.all([
    pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    pem(user['client-certificate-data'], user['client-certificate']),
    pem(user['client-key-data'], user['client-key']),
  ])
  const name = cluster['tls-server-name']
  const made = user.exec === undefined ? undefined : await credentialOf(user.exec, where)
  const token = tokenOf(user, made, where)
  return {
    server: cluster.server,
    ...(ca === undefined ? {} : { ca }),
    ...optional('clientCert', cert ?? made?.clientCertificateData),
    ...optional('clientKey', key ?? made?.clientKeyData),
    ...optional('serverName', name),
    ...optional('token', token),
  }
}

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

async function pem(data: string | undefined, path: string | undefined): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  if (path === undefined || path === '') return undefined
  const text = await readFileIfThere(path)
  if (text === undefined) throw invalid(`the kubeconfig names ${path}, which is not there`)
  return text
}

type Credential = z.output<typeof credential>['status']
const credential = z.object({
  status: z.object({
    expirationTimestamp: z.string().optional(),
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
})

/** Tokens that end are made anew a minute before; those in files are read again after a minute, since others renew them. */
function tokenOf(user: User, made: Credential | undefined, where: Where): (() => Promise<string>) | undefined {
  const { token, tokenFile, exec } = user
  if (tokenFile !== undefined) {
    return remembered(async () => {
      const text = await readFileIfThere(tokenFile)
      if (text === undefined) throw invalid(`the kubeconfig names ${tokenFile}, which is not there`)
      return { value: text.trim(), until: Date.now() + 60_000 }
    })
  }
  if (token !== undefined) return async () => token
  if (exec === undefined || made?.token === undefined) return undefined
  let first: Credential | undefined = made
  return remembered(async () => {
    const { token: value, expirationTimestamp } = first ?? (await credentialOf(exec, where))
    first = undefined
    if (value === undefined) throw invalid(`${exec.command} made no token`)
    const end = expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp) - 60_000
    return { value, until: end }
  })
}

function remembered(make: () => Promise<{ value: string; until: number }>): () => Promise<string> {
  let known: ReturnType<typeof make> | undefined
  return async () => {
    const asked = known
    const before = await asked?.catch(() => undefined)
    // Of several who find it ended, the first makes it anew.
    if ((before === undefined || before.until <= Date.now()) && known === asked) known = make()
    return (await (known ?? make())).value
  }
}

async function credentialOf({ apiVersion, command, args, env }: Exec, where: Where): Promise<Credential> {
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } })
  const { stdout } = await run(command, args ?? [], {
    env: { ...where.env, ...own, KUBERNETES_EXEC_INFO: info },
    cwd: where.cwd,
  })
  try {
    return credential.parse(JSON.parse(stdout)).status
  } catch {
    throw invalid(`${command}, which the kubeconfig runs for credentials, did not print an ExecCredential`)
  }
}

/** One context alone. */
const textOf = ({ context, cluster, user }: Chosen): string =>
  oneContext({ name: context, user: context, cluster, login: user })
