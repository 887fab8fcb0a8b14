/** A swarm as its users have it: Debian's own client, outside of the cloud, by certificates of its CA. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { layerDirectory } from '../../src/images/layer.ts'
import { nodeLayerHashes } from '../../src/images/node/node-image.ts'
import { createCsr } from '../../src/pki/index.ts'
import { workshop } from '../integration/workshop.ts'
import { type ClusterScene, timed } from './clusters.ts'
import { inGuest } from './guests.ts'
import { patience } from './patience.ts'

/** The packages that its nodes were made of; there once the node image was built. */
const packages = (): string => {
  const hash = nodeLayerHashes(workshop.repoDir).get('node-docker') ?? ''
  return join(layerDirectory(join(workshop.cacheDir, 'images'), { name: 'node-docker', hash }), 'diff')
}

interface Docker {
  readonly run: (...args: readonly string[]) => string
  readonly remove: () => void
}

/** In the provider's network, on a root file system of its own, with the three files that `coe cluster config` gets in the same way. */
async function dockerOf({ cloud, name, outside }: ClusterScene): Promise<Docker> {
  const directory = mkdtempSync(join(tmpdir(), 'croque-e2e-swarm-'))
  const at = (path: string): string => join(directory, path)
  for (const path of ['upper/certs', 'work', 'root']) mkdirSync(at(path), { recursive: true })
  const api = cloud.api()
  const { clusters } = api.containerInfra
  const cluster = await clusters.get(name)
  const host = cluster?.apiAddress ?? ''
  expect(host).toMatch(/^tcp:\/\/.*:2376$/)
  const { csr, key } = await createCsr({ commonName: 'admin', organizations: ['system:masters'], keys: 'rsa-2048' })
  const id = cluster?.id ?? ''
  const files = { 'key.pem': key, 'cert.pem': await clusters.sign(id, csr), 'ca.pem': await clusters.ca(id) }
  for (const [file, text] of Object.entries(files)) writeFileSync(at(`upper/certs/${file}`), text, { mode: 0o600 })
  api.close()
  const layers = `lowerdir=${packages()},upperdir=${at('upper')},workdir=${at('work')}`
  const script = `mount -t overlay overlay -o "$1" "$2" && shift && exec chroot "$@"`
  const env = { PATH: '/usr/bin:/usr/sbin', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs', DOCKER_HOST: host }
  const place = [`--net=${outside}`, 'unshare', '--mount', 'sh', '-c', script, 'sh', layers, at('root')]
  return {
    run: (...args) => execFileSync('nsenter', [...place, 'docker', ...args], { env, encoding: 'utf8' }).trim(),
    remove: () => rmSync(directory, { recursive: true }),
  }
}

/** What is nothing but a program that waits: no registry is anywhere. */
const image =
  'tar -C / -ch usr/bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 | docker import - tiny:1'

/** A manager and a worker; a service by a client outside, on both; another worker, which gets its part; and away. */
export async function trySwarm(scene: ClusterScene): Promise<void> {
  const { cloud, name } = scene
  cloud.done('node-image', 'import', 'swarm', '--name', cloud.name)
  const images = cloud.openstack('image', 'list', '--property', 'os_distro=croque-node') as readonly Named[]
  const [nodes] = images.filter(({ Name }) => Name.startsWith('croque-node-swarm-'))
  const flavors = cloud.openstack('coe', 'cluster', 'template', 'show', 'kubernetes') as Flavors
  const kind = ['--coe', 'swarm-mode', '--image', nodes?.Name ?? '', '--external-network', 'public']
  const size = ['--flavor', flavors.flavor_id, '--master-flavor', flavors.master_flavor_id]
  cloud.done('openstack', 'coe', 'cluster', 'template', 'create', name, ...kind, ...size)
  await timed('create, a swarm of 1 manager and 1 worker', () =>
    cloud.done('cluster', 'create', name, '--template', name),
  )
  const docker = await dockerOf(scene)
  const ready = (): readonly string[] =>
    docker
      .run('node', 'ls', '--format', '{{.Hostname}} {{.Status}}')
      .split('\n')
      .flatMap((line) => (line.endsWith(' Ready') ? [line.slice(0, -' Ready'.length)] : []))
      .toSorted()
  const load = (): void => {
    for (const node of ready()) inGuest(cloud, node, `docker image inspect tiny:1 > /dev/null 2>&1 || ${image}`)
  }
  const runs = (): readonly string[] => {
    const place = ['--filter', 'desired-state=running', '--format', '{{.Node}} {{.CurrentState}}']
    const lines = docker.run('service', 'ps', 'web', ...place).split('\n')
    return lines.filter((line) => line.includes(' Running ')).map((line) => line.split(' ', 1)[0] ?? '')
  }
  expect(ready()).toHaveLength(2)
  load()
  const what = [
    '--detach',
    '--no-resolve-image',
    '--mode',
    'global',
    '--name',
    'web',
    'tiny:1',
    '/usr/bin/sleep',
    '1000',
  ]
  docker.run('service', 'create', ...what)
  await expect.poll(() => runs().toSorted(), patience).toEqual(ready())
  await timed('one more worker of a swarm', () => cloud.done('cluster', 'resize', name, '2'))
  expect(ready()).toHaveLength(3)
  load()
  await expect.poll(() => runs().toSorted(), patience).toEqual(ready())
  docker.remove()
  await timed('delete, a swarm', () => cloud.done('cluster', 'delete', name))
  cloud.done('openstack', 'coe', 'cluster', 'template', 'delete', name)
}

interface Named {
  readonly Name: string
}

type Flavors = Readonly<Record<'flavor_id' | 'master_flavor_id', string>>
