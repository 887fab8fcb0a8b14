/** The route of the public APIs at a Gateway, as API servers with old and new kinds of the Gateway API take it. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { run } from '../../src/host/index.ts'
import type { KubeObject } from '../../src/kube/index.ts'
import { knownServices, render } from '../../src/render/index.ts'
import { loadCloud } from '../../src/spec/index.ts'
import { createKubeconfigUnderlay } from '../../src/underlay/kubeconfig/index.ts'
import { openTestCluster } from './cluster.ts'

const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
const proxy = (process.env['GOPROXY'] ?? 'https://proxy.golang.org').split(',')[0]
const cluster = await openTestCluster()
afterAll(async () => await cluster.close())

/** The definition of TLSRoutes from the project's Go module. */
async function tlsRouteDefinition(version: string, channel: string, digest: string): Promise<KubeObject> {
  const directory = join(cacheDir, 'gateway-api')
  const file = join(directory, `${version}.zip`)
  const read = async (): Promise<Buffer> => await readFile(file)
  const bytes = await read().catch(async () => {
    const answer = await fetch(`${proxy}/sigs.k8s.io/gateway-api/@v/v${version}.zip`)
    await mkdir(directory, { recursive: true })
    await writeFile(file, Buffer.from(await answer.arrayBuffer()))
    return await read()
  })
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest)
  const member = `sigs.k8s.io/gateway-api@v${version}/config/crd/${channel}/gateway.networking.k8s.io_tlsroutes.yaml`
  const script = 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())'
  return parse((await run('python3', ['-c', script, file, member])).stdout) as KubeObject
}

const spec = {
  underlay: { type: 'kubeconfig', namespace: 'default' },
  endpoints: { exposure: 'Gateway', host: 'cloud.example.org', gateway: { name: 'public', listener: 'tls' } },
}

test.each([
  ['1.4.0', 'experimental', '209e17fd8aa93b9444cf358240060e7435668ed7ca80793be160c59a74c4d5bc', 'v1alpha3'],
  ['1.7.0', 'standard', 'f9041f93ad3b2572089afa858ceac74e0545e7769490ae774039ed0f841f3d6d', 'v1'],
])('TLSRoutes of %s (%s) are made as the cluster serves them', async (release, channel, digest, version) => {
  const definition = await tlsRouteDefinition(release, channel, digest)
  await cluster.kube.apply(definition)
  const underlay = createKubeconfigUnderlay({
    cwd: '/',
    env: {},
    file: cluster.server.access.kubeconfigFile,
    namespace: 'default',
    tlsRoute: true,
  })
  const apiVersion = `gateway.networking.k8s.io/${version}`
  const asked = async () => await underlay.abilities(new AbortController().signal)
  await expect.poll(async () => (await asked()).tlsRoute, { timeout: 30_000 }).toBe(apiVersion)

  const text = stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec })
  const loaded = loadCloud(text, { file: 'cloud.yaml', knownServices })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { units } = render(loaded.cloud, { images: {}, ...(await asked()) }).rendering
  const route = units.flatMap(({ objects }) => objects).find(({ kind }) => kind === 'TLSRoute')
  if (route === undefined) throw new Error('no route')
  await cluster.kube.apply(route)
  const kept = await cluster.kube.get({ apiVersion, kind: 'TLSRoute', ...route.metadata })
  expect(kept).toMatchObject({ apiVersion, spec: route['spec'] as object })
})
