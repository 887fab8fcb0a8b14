/**
 * Where containerd takes images from, by the directory that it looks into at every pull
 * (https://github.com/containerd/containerd/blob/main/docs/hosts.md).
 */
import { CloudRefusal } from './cloud.ts'
import { listOf } from './flags.ts'

export interface RegistryOptions {
  /** `registry.example:5000`, several with commas: reached without TLS, or with a certificate of nobody. */
  readonly insecure?: string | undefined
  /** `registry.example:5000/infra/`: what stands before names of images instead of `registry.k8s.io/`. */
  readonly prefix?: string | undefined
}

const hostForm = /^[a-z\d]([a-z\d.-]*[a-z\d])?(:\d{1,5})?$/i
const pathForm = /^([a-z\d._-]+(\/|$))*$/

/** As HOST or HOST:PORT each. @throws CloudRefusal */
export function insecureHosts(insecure: string | undefined): readonly string[] {
  const open = listOf(insecure).map((each) => each.replace(/^https?:\/\//, '').replace(/\/$/, ''))
  const odd = open.find((host) => !hostForm.test(host))
  if (odd !== undefined)
    throw new CloudRefusal(`insecure_registry takes HOST or HOST:PORT, several with commas, and not ${odd}`)
  return open
}

/** @throws CloudRefusal */
export function registryFiles({ insecure, prefix = '' }: RegistryOptions): Readonly<Record<string, string>> {
  const open = insecureHosts(insecure)
  const files = open.map((host) => [
    fileOf(host),
    hosts(`http://${host}`, [table(`https://${host}`, all, ['skip_verify = true'])]),
  ])
  if (prefix === '') return Object.fromEntries(files) as Readonly<Record<string, string>>
  return { ...Object.fromEntries(files), [fileOf(upstream)]: mirror(prefix, open) }
}

const upstream = 'registry.k8s.io'
const fileOf = (host: string): string => `/etc/containerd/certs.d/${host}/hosts.toml`
const all = ['pull', 'resolve', 'push']

/** The upstream itself is asked when nobody there has an image. */
function mirror(prefix: string, open: readonly string[]): string {
  const [host = '', ...rest] = prefix.replace(/^https?:\/\//, '').split('/')
  const path = rest.join('/').replace(/\/$/, '')
  if (!hostForm.test(host) || !pathForm.test(path))
    throw new CloudRefusal(`Label container_infra_prefix takes HOST[:PORT]/[PATH/], and not ${JSON.stringify(prefix)}`)
  const real = host === 'docker.io' ? 'registry-1.docker.io' : host
  const url = (scheme: string): string => `${scheme}://${real}/v2${path === '' ? '' : `/${path}`}`
  const below = ['override_path = true']
  const tables = open.includes(host)
    ? [
        table(url('https'), ['pull', 'resolve'], ['skip_verify = true', ...below]),
        table(url('http'), ['pull', 'resolve'], below),
      ]
    : [table(url('https'), ['pull', 'resolve'], below)]
  return hosts(`https://${upstream}`, tables)
}

/** Asked from above, the server last. */
const hosts = (server: string, tables: readonly string[]): string => `server = "${server}"\n\n${tables.join('\n')}`

const table = (url: string, capabilities: readonly string[], more: readonly string[]): string =>
  [`[host."${url}"]`, `  capabilities = ${JSON.stringify(capabilities)}`, ...more.map((line) => `  ${line}`), ''].join(
    '\n',
  )
