/**
 * The life of a swarm: the driver, the desk and the program on the nodes as they are, Docker as Debian has it, and no cloud but containers.
 * Runs by machine.sh. Writes what it saw as JSON.
 *   trial.ts TREES DIRECTORY
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiServer } from '../../../src/clusters/api/http/server.ts'
import { createCertificates, defaultSettings } from '../../../src/clusters/certificates/index.ts'
import { createHeatDriver } from '../../../src/clusters/drivers/heat/driver.ts'
import { rostersIn } from '../../../src/clusters/drivers/heat/rosters.ts'
import { swarmDoorBy, swarmJoinSecrets } from '../../../src/clusters/drivers/heat/swarm/door.ts'
import { createMetrics } from '../../../src/clusters/metrics/index.ts'
import { clusterSpecFixture, nodeGroupSpecFixture, templateSpecFixture } from '../../../src/clusters/model/fixture.ts'
import { createMemoryStore, type NodeGroup } from '../../../src/clusters/model/index.ts'
import { openDesk, openLedger } from '../../../src/clusters/nodes/index.ts'
import { createCsr } from '../../../src/pki/index.ts'
import { Boxes } from './boxes.ts'

const [, , trees = '', directory = ''] = process.argv
const say = (what: string): void =>
  void process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(1)} s: ${what}\n`)
const begun = Date.now()
const apiAddress = '10.0.0.250'
const boxes = new Boxes({ directory, trees, apiAddress })
const now = (): Date => new Date()
const store = createMemoryStore({ now })
const settings = { ...defaultSettings, serviceAccountKeys: 'ecdsa-p256' } as const
const certificates = createCertificates({ store, now, settings })
const ledger = openLedger(store)
const desk = openDesk({ store, ledger, certificates, now, secrets: swarmJoinSecrets(certificates) })
const nobody = (): never => {
  throw new Error('nobody calls')
}
const app = createApiServer({
  ...{ routes: [], authenticate: async () => nobody(), metrics: createMetrics(), desk },
  log: (line) => (line['level'] === 'ERROR' ? say(JSON.stringify(line)) : undefined),
})
await app.listen({ host: '10.0.0.1', port: 9511 })

const driver = createHeatDriver({
  cloudOf: () => boxes.cloud,
  ...{ ledger, rosters: rostersIn(store), defaults: { bootVolumeSize: 0 }, now: Date.now },
  desk: { url: 'http://10.0.0.1:9511/nodes/v1' },
  credentials: nobody,
  rotation: async () => undefined,
  engineVersion: async () => '26.1.5',
  door: swarmDoorBy(certificates),
})

const clusterId = '00000000-0000-4000-8000-000000000001'
const template = templateSpecFixture({ coe: 'swarm-mode', networkDriver: 'docker' })
const network = { fixedNetwork: 'net', fixedSubnet: 'subnet' }
await store.clusters.create(clusterId, clusterSpecFixture({ template, ...network }))
const groups = { masters: '00000000-0000-4000-8000-00000000000a', workers: '00000000-0000-4000-8000-00000000000b' }
await store.nodeGroups.create(groups.masters, nodeGroupSpecFixture({ name: 'default-master', role: 'master' }))
await store.nodeGroups.create(groups.workers, nodeGroupSpecFixture({ nodeLabels: { disk: 'fast' } }))

const { signal } = new AbortController()
const wish = () => {
  const cluster = store.clusters.get(clusterId) ?? nobody()
  return { cluster, nodeGroups: store.nodeGroups.ofCluster(clusterId), signal }
}
const change = async (uuid: string, spec: Partial<NodeGroup['spec']>): Promise<void> => {
  const read = store.nodeGroups.get(uuid) ?? nobody()
  await store.nodeGroups.replace(read, { ...read.spec, ...spec })
}

/** As the reconciler would. @returns what was waited for last; empty when all is as wished */
async function settle(what: string): Promise<number> {
  const since = Date.now()
  let told = ''
  while (Date.now() - since < 240_000) {
    const progress = await driver.reconcile(wish())
    const read = store.clusters.get(clusterId) ?? nobody()
    const { apiAddress } = progress.facts
    if (apiAddress !== undefined && read.status.apiAddress !== apiAddress)
      await store.clusters.setStatus(read, { ...read.status, apiAddress })
    if (progress.state === 'done') {
      const took = (Date.now() - since) / 1000
      say(`${what}: done in ${took.toFixed(1)} s`)
      return took
    }
    const why = progress.state === 'failed' ? progress.reason : progress.for
    if (why !== told) say(`${what}: ${why}`)
    told = why
    if (progress.state === 'failed') throw new Error(why)
    await sleep(500)
  }
  throw new Error(`${what}: ${told}`)
}

/** What is nothing but a program that waits: no registry is anywhere. */
const image =
  'tar -C / -ch usr/bin/sleep lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6 | docker import - tiny:1'
const load = (): void => {
  for (const name of boxes.names)
    boxes.run(name, 'sh', '-c', `docker image inspect tiny:1 > /dev/null 2>&1 || ${image}`)
}

/** Whoever uses it: the three files of `coe cluster config`, and Debian's own client, outside of all nodes. */
const client = join(directory, 'client')
mkdirSync(join(client, 'upper/certs'), { recursive: true })
for (const name of ['work', 'root']) mkdirSync(join(client, name))
const asked = await createCsr({ commonName: 'admin', organizations: ['system:masters'], keys: 'rsa-2048' })
const signed = await certificates.sign(wish().cluster, asked.csr, 'kubernetes')
const { cas } = await certificates.material(wish().cluster)
for (const [name, text] of Object.entries({
  'key.pem': asked.key,
  'cert.pem': signed,
  'ca.pem': cas.kubernetes.trusted,
}))
  writeFileSync(join(client, 'upper/certs', name), text, { mode: 0o600 })
const layers = `lowerdir=${trees},upperdir=${client}/upper,workdir=${client}/work`
execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, join(client, 'root')])
const outside = (env: Readonly<Record<string, string>>, ...command: readonly string[]): string => {
  const path = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', DOCKER_HOST: `tcp://${apiAddress}:2376`, ...env }
  return execFileSync('chroot', [join(client, 'root'), ...command], {
    env: path,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
const docker = (...command: readonly string[]): string =>
  outside({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' }, 'docker', ...command).trim()
/** Nodes on which tasks of the service run. */
const runsOn = (): readonly string[] =>
  docker('service', 'ps', 'web', '--filter', 'desired-state=running', '--format', '{{.Node}} {{.CurrentState}}')
    .split('\n')
    .filter((line) => line.includes(' Running'))
    .map((line) => line.split(' ')[0] ?? '')
    .toSorted()
const until = async (what: string, is: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await is()); tries += 1) {
    if (tries === 120) throw new Error(`never: ${what}\n`)
    await sleep(500)
  }
}
const nodes = (): readonly string[] =>
  docker('node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}')
    .split('\n')
    .map((line) => line.replace(/^demo-\w+-/, '').trim())
    .toSorted()
const whyNot = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    return String((error as { readonly stderr?: unknown }).stderr ?? error).trim()
  }
}

const seen: Record<string, unknown> = {}
const took: Record<string, number> = {}
took['create'] = await settle('create')
load()
seen['address'] = wish().cluster.status.apiAddress
seen['nodes'] = nodes()
seen['health'] = await driver.health(wish())
const knock = ['curl', '--silent', '--show-error', `https://${apiAddress}:2376/info`]
seen['without a certificate'] = whyNot(() => outside({}, ...knock, '--cacert', '/certs/ca.pem'))
const tls = '/etc/docker/tls'
const [worker = ''] = boxes.names.filter((name) => name.endsWith('-node-0'))
const own = ['--cacert', `${tls}/ca.crt`, '--cert', `${tls}/server.crt`, '--key', `${tls}/server.key`]
seen["with a node's certificate"] = whyNot(() => boxes.run(worker, ...knock, ...own))
seen['kept on nodes'] = boxes
  .run(worker, 'sh', '-c', 'ls /etc/croque; stat -c %a /etc/docker/tls/server.key')
  .split('\n')
const setting = '/proc/sys/fs/inotify/max_user_instances'
seen['a setting of the machine'] = whyNot(() => boxes.run(worker, 'sh', '-c', `cat ${setting} > ${setting}`))
docker(
  'service',
  'create',
  '--detach',
  '--no-resolve-image',
  '--name=web',
  '--constraint=engine.labels.disk==fast',
  'tiny:1',
  '/usr/bin/sleep',
  '1000',
)
await until('the service runs', () => runsOn().length === 1)
seen['service'] = runsOn()

await change(groups.workers, { nodeCount: 2 })
took['one more worker'] = await settle('one more worker')
load()
docker('service', 'scale', '--detach', 'web=4')
await until('all of it runs', () => runsOn().length === 4)
seen['scaled'] = runsOn()

await change(groups.workers, { nodeCount: 1, nodesToRemove: ['0'] })
took['one worker less'] = await settle('one worker less')
await change(groups.workers, { nodesToRemove: [] })
await until('it runs elsewhere', () => runsOn().length === 4)
seen['shrunk'] = { nodes: nodes(), service: runsOn() }

await change(groups.masters, { nodeCount: 3 })
took['three managers'] = await settle('three managers')
seen['three managers'] = nodes().map((line) => line.replace(/Leader|Reachable/, 'manager'))
await change(groups.masters, { nodeCount: 1, nodesToRemove: ['0'] })
took['one manager, not the first'] = await settle('one manager, not the first')
await change(groups.masters, { nodesToRemove: [] })
seen['one manager'] = nodes()

const victim = boxes.names.find((name) => name.endsWith('-node-1')) ?? ''
await boxes.kill(victim)
await until('its death is seen', async () => (await driver.health(wish())).dead !== undefined)
const sick = await driver.health(wish())
seen['dead'] = [sick.status, sick.dead?.map(({ node, why }) => [node, why.replace(/^demo-\w+-/, '')])]
await change(groups.workers, { nodesToRemove: (sick.dead ?? []).map(({ node }) => node) })
took['healed'] = await settle('healed')
load()
await until('it runs again', () => runsOn().length === 4)
seen['healed'] = { nodes: nodes(), health: (await driver.health(wish())).status }

while ((await driver.remove(wish())).state !== 'done') await sleep(100)
seen['left'] = boxes.names
process.stdout.write(`${JSON.stringify({ seen, took })}\n`)
process.exit(0)
