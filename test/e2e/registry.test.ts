/** Nodes of the embedded underlay, which have no route out, pull from a real registry with TLS and a password. */
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort, run, setHostNames } from '../../src/host/index.ts'
import { ensureImages, imageStates, pinnedReferences, pushImages } from '../../src/images/index.ts'
import { createEmbeddedUnderlay } from '../../src/underlay/embedded/index.ts'
import type { Underlay } from '../../src/underlay/index.ts'
import { password, registryServer, user } from '../integration/registry-server.ts'
import { patience } from './patience.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
)
const cacheDir = env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const name = 'e2e-registry'
const host = 'registry.croque.test'
const release = '2026.1'
const stateDir = join(env['CROQUE_STATE_DIR'] ?? '/var/lib/croque', name)
const report = { step: async <T>(_id: string, work: (say: () => void) => Promise<T>) => await work(() => undefined) }
const signal = new AbortController().signal
const directory = mkdtempSync(join(tmpdir(), `croque-${name}-`))
const server = await registryServer(directory, cacheDir, host)
const at = `${host}:${server.port}`
let underlay: Underlay | undefined

afterAll(async () => {
  await underlay?.down(report)
  await setHostNames('/etc/hosts', name, [])
  await server.kill()
  rmSync(directory, { recursive: true })
})

test('a Pod of a pinned image runs where its secret lets it be pulled, and nowhere else', async () => {
  await server.start()
  await setHostNames('/etc/hosts', name, [host])
  const authFile = join(directory, 'auth.json')
  const auths = { [at]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } }
  await writeFile(authFile, JSON.stringify({ auths }))
  const login = { ca: server.ca, env: { REGISTRY_AUTH_FILE: authFile }, signal }

  await ensureImages({ repoDir, cacheDir, release, names: ['base'], env, report, signal })
  const images = imageStates({ repoDir, cacheDir, release }).flatMap(({ built, ...ref }) =>
    ref.name === 'base' && built !== undefined ? [{ ...ref, ...built }] : [],
  )
  await pushImages({ ...login, to: `${at}/cloud`, images, report })
  const { base } = await pinnedReferences({ ...login, from: `${at}/cloud`, images })

  underlay = createEmbeddedUnderlay({
    name,
    stateDir,
    cacheDir,
    repoDir,
    env,
    nodes: 1,
    apiPort: await freePort(),
    registry: { host: at, ca: server.ca },
  })
  const access = await underlay.up(report, signal)
  const kubeconfig = join(directory, 'kubeconfig')
  await writeFile(kubeconfig, access.kubeconfig)
  const kubectl = async (args: readonly string[], input = ''): Promise<string> =>
    (await run(access.kubectl ?? 'kubectl', ['--kubeconfig', kubeconfig, ...args], { input, env: { HOME: directory } }))
      .stdout
  const pod = (pod: string, pullSecrets: readonly object[]): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod },
      spec: {
        restartPolicy: 'Never',
        imagePullSecrets: pullSecrets,
        containers: [
          { name: 'base', image: base, imagePullPolicy: 'Always', command: ['sh', '-c', 'echo "$KOLLA_SERVICE_NAME"'] },
        ],
      },
    })
  const option = `--from-file=.dockerconfigjson=${authFile}`
  await kubectl(['create', 'secret', 'generic', 'registry', '--type=kubernetes.io/dockerconfigjson', option])
  await expect
    .poll(async () => await kubectl(['get', 'serviceaccount', 'default']).catch(() => ''), patience)
    .toContain('default')
  await kubectl(['apply', '-f', '-'], pod('stranger', []))
  const waiting = '-o=jsonpath={.status.containerStatuses[0].state.waiting.message}'
  await expect
    .poll(async () => await kubectl(['get', 'pod', 'stranger', waiting]), patience)
    .toMatch(/no basic auth credentials|authorization failed|401/)
  await kubectl(['apply', '-f', '-'], pod('guest', [{ name: 'registry' }]))
  await kubectl(['wait', 'pod/guest', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s'])
  expect(await kubectl(['logs', 'guest'])).toBe('base\n')
})
