/** A cluster of somebody else: what its least privileged user may do, as a real API server tells it. */
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { commands } from '../../src/cli/commands.ts'
import { ran } from '../../src/cli/fixture.ts'
import { run } from '../../src/host/index.ts'
import type { KubeObject } from '../../src/kube/index.ts'
import { openTestCluster } from './cluster.ts'
import { password, registryServer, user } from './registry-server.ts'

const cluster = await openTestCluster()
const dir = dirname(cluster.server.access.kubeconfigFile)
afterAll(async () => await cluster.close())

const machine = { repoDir: process.cwd(), cacheDir: '/nowhere/cache', stateDir: join(dir, 'state'), env: {}, cwd: dir }

/** A kubeconfig of a user who may do nothing yet. */
async function userKubeconfig(name: string): Promise<string> {
  const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`]
  await run('openssl', [...request, '-subj', `/CN=${name}`], { cwd: dir })
  const signed = ['x509', '-req', '-days', '2', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial']
  await run('openssl', [...signed, '-in', `${name}.csr`, '-out', `${name}.crt`], { cwd: dir })
  const path = join(dir, `${name}.kubeconfig`)
  await writeFile(
    path,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: cluster.server.access.server, 'certificate-authority': 'ca.crt' } }],
      users: [{ name, user: { 'client-certificate': `${name}.crt`, 'client-key': `${name}.key` } }],
      contexts: [{ name: 'theirs', context: { cluster: 'c', user: name } }],
    }),
  )
  return path
}

async function documentFor(user: string, images: object = {}): Promise<string> {
  const path = join(dir, `${user}.yaml`)
  const underlay = {
    type: 'kubeconfig',
    kubeconfig: await userKubeconfig(user),
    context: 'theirs',
    namespace: 'ours',
    storageClass: 'fast',
  }
  await writeFile(path, stringify({ apiVersion: 'croque.dev/v1alpha1', kind: 'Cloud', spec: { underlay, images } }))
  return path
}

async function findings(file: string): Promise<Readonly<Record<string, string>>> {
  const { lines } = await ran(['up', '--file', file, '--output', 'json'], commands, machine)
  return Object.fromEntries(
    lines.filter(({ type, ok }) => type === 'finding' && ok === false).map(({ check, message }) => [check, message]),
  )
}

async function printedRole(file: string): Promise<readonly KubeObject[]> {
  const { lines } = await ran(['render', '--admin-role', '--file', file, '--output', 'json'], commands, machine)
  const answer = lines.find(({ type }) => type === 'data')
  return (answer as { data: { objects: readonly KubeObject[] } }).data.objects
}

async function bind(user: string, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await cluster.kube.apply(object, { force: true })
  const subjects = [{ kind: 'User', name: user, apiGroup: 'rbac.authorization.k8s.io' }]
  for (const role of objects.filter(({ kind }) => kind.endsWith('Role'))) {
    const { name, namespace } = role.metadata
    await cluster.kube.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: `${role.kind}Binding`,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name },
      subjects,
    })
  }
}

test('the role that is printed suffices, and what is missing from it is told exactly', {
  timeout: 120_000,
}, async () => {
  const file = await documentFor('tenant')
  expect(await findings(file)).toMatchObject({
    permissions: expect.stringContaining(
      'may not list, watch, create namespaces; list, watch, create customresourcedefinitions.apiextensions.k8s.io; list, watch, create priorityclasses',
    ),
    storage: 'these credentials may not look at storage classes',
    nodes: 'these credentials may not look at nodes',
  })

  const objects = await printedRole(file)
  await bind('tenant', objects)
  await cluster.kube.apply({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'example.org/none',
  })
  expect(await findings(file)).toEqual({
    'compute nodes': 'no node carries the label croque.dev/role-compute',
    'control nodes': 'no node carries the label croque.dev/role-control',
    'network nodes': 'no node carries the label croque.dev/role-network',
    'storage nodes': 'no node carries the label croque.dev/role-storage',
    'network policies': 'it is not known whether the network plugin of the cluster enforces them',
    'images, kernels and KVM of the nodes': expect.any(String),
  })

  const narrowed = JSON.parse(
    JSON.stringify(objects).replace('"resources":["cronjobs","jobs"]', '"resources":["cronjobs"]'),
  ) as typeof objects
  await bind('tenant', narrowed)
  await expect
    .poll(async () => (await findings(file))['permissions'], { timeout: 20_000 })
    .toBe('these credentials may not list, watch, create, patch, delete jobs.batch in ours')
})

test('the user with that role may plan the cloud; others of the cluster are not looked at', {
  timeout: 60_000,
}, async () => {
  const file = await documentFor('planner')
  const objects = await printedRole(file)
  await bind('planner', objects)
  const planned = await ran(['plan', '--file', file, '--output', 'json'], commands, machine)
  expect(planned.exit, planned.stdout.slice(-2000)).toBe(2)
  expect(planned.lines.at(-1)).toMatchObject({ ok: true })
})

test('images are pushed with the credentials of a Secret that the user may read', { timeout: 120_000 }, async () => {
  const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
  const registry = await registryServer(join(dir, 'registry'), cacheDir)
  await registry.start()
  const at = `localhost:${registry.port}`
  try {
    const file = await documentFor('pusher', { registry: `${at}/cloud`, ca: registry.ca, credentials: 'registry' })
    const push = async () =>
      await ran(['image', 'push', 'base', '--file', file, '--output', 'json'], commands, { ...machine, cacheDir })
    expect((await push()).stdout).toContain('"code":"kube-forbidden"')

    await bind('pusher', await printedRole(file))
    expect((await push()).stdout).toContain('"code":"secret-missing"')
    const auths = { [at]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } }
    await cluster.kube.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'registry', namespace: 'ours' },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    })
    const pushed = await push()
    expect(pushed.exit, pushed.stdout.slice(-2000)).toBe(0)
  } finally {
    await registry.kill()
  }
})
