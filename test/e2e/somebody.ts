/** A cluster of somebody else, that pulls from a registry with a password: where clouds are put on by its kubeconfig. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setHostNames } from '../../src/host/index.ts'
import { createEmbeddedUnderlay } from '../../src/underlay/embedded/index.ts'
import type { KubeAccess } from '../../src/underlay/index.ts'
import { password, registryServer, user } from '../integration/registry-server.ts'

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const cacheDir = env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const report = { step: async <T>(_id: string, work: (say: () => void) => Promise<T>) => await work(() => undefined) }

interface ClusterOptions {
  readonly name: string
  readonly nodes: number
  readonly apiPort: number
}

/** Nothing is started yet but a place for files: `at('admin')` is the kubeconfig of its administrator once it is {@link up}. */
export async function somebodysCluster({ name, nodes, apiPort }: ClusterOptions) {
  const stateDir = join(env['CROQUE_STATE_DIR'] ?? '/var/lib/croque', name)
  const directory = mkdtempSync(join(tmpdir(), `croque-${name}-`))
  const at = (file: string): string => join(directory, file)
  const registryHost = `registry.${name}.test`
  const registry = await registryServer(at('registry'), cacheDir, registryHost)
  const registryAt = `${registryHost}:${registry.port}`
  const underlay = createEmbeddedUnderlay({
    name,
    stateDir,
    cacheDir,
    repoDir: resolve(import.meta.dirname, '../..'),
    env,
    nodes,
    apiPort,
    registry: { host: registryAt, ca: registry.ca },
  })
  let access: KubeAccess | undefined

  const kubectl = (args: readonly string[], input = ''): string => {
    const places = ['--kubeconfig', at('admin'), '--cache-dir', at('kubectl-cache')]
    const ran = spawnSync(access?.kubectl ?? 'kubectl', [...places, ...args], {
      encoding: 'utf8',
      input,
      maxBuffer: 256 * 1024 * 1024,
      // A session in a Pod that ends under it can stay open for ever.
      timeout: 300_000,
    })
    if (ran.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`)
    return ran.stdout
  }
  const secret = (namespace: string, called: string, type: string, stringData: Readonly<Record<string, string>>) => {
    const metadata = { name: called, namespace }
    kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type, metadata, stringData }))
  }

  return {
    stateDir,
    at,
    registry,
    registryAt,
    kubectl,
    secret,
    /** `spec.images` of a cloud there; needs {@link giveNamespace}. */
    images: {
      source: 'registry',
      registry: `${registryAt}/cloud`,
      ca: registry.ca,
      credentials: 'registry',
      pullSecrets: ['registry'],
    },
    /** A namespace with the credentials of the registry. */
    giveNamespace: (namespace: string): void => {
      kubectl(['create', 'namespace', namespace])
      const auths = { [registryAt]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } }
      const type = 'kubernetes.io/dockerconfigjson'
      secret(namespace, 'registry', type, { '.dockerconfigjson': JSON.stringify({ auths }) })
    },
    up: async (): Promise<KubeAccess> => {
      await registry.start()
      await setHostNames('/etc/hosts', name, [registryHost])
      access = await underlay.up(report, new AbortController().signal)
      writeFileSync(at('admin'), access.kubeconfig)
      return access
    },
    down: async (): Promise<void> => {
      await underlay.down(report)
      await setHostNames('/etc/hosts', name, [])
      await registry.kill()
      rmSync(directory, { recursive: true })
    },
  }
}
