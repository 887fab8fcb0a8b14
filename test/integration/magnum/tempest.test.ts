/** The tests that Magnum's own developers have for a cloud (magnum-tempest-plugin), whole, against our own API. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../../src/host/index.ts'
import { type IniFile, writeIni } from '../../../src/oslo/index.ts'
import { parseResults } from '../../e2e/tempest/results.ts'
import { openTestCluster } from '../cluster.ts'
import { ensurePython, pythonOptions } from '../openstack/python.ts'
import { type Ours, startOurs } from './ours.ts'
import { openWorld, type World } from './world.ts'

const parts = new AsyncDisposableStack()
let dir: string
let world: World
let ours: Ours

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'croque-tempest-'))
  parts.defer(async () => await rm(dir, { recursive: true }))
  world = await openWorld(dir)
  parts.defer(world.close)
  const cluster = await openTestCluster()
  parts.defer(cluster.close)
  ours = await startOurs(world, cluster)
  parts.defer(ours.stop)
  await world.keystone.identity.offer('container-infra', ours.url)
})

afterAll(async () => await parts.disposeAsync())

test('none of its tests fails, and none is passed over but those with a reason', async () => {
  const venv = await ensurePython(join(import.meta.dirname, 'python/tempest.lock'), pythonOptions())
  const workspace = join(dir, 'workspace')
  const env = { HOME: dir, LANG: 'C.UTF-8', PATH: `${join(venv, 'bin')}:/usr/bin:/bin` }
  const tempest = async (...words: readonly string[]): Promise<string> =>
    (await run(join(venv, 'bin/tempest'), words, { env, cwd: dir, okCodes: [0, 1] })).stdout
  await tempest('init', workspace)
  await writeFile(join(workspace, 'etc/tempest.conf'), writeIni(settings(world)))
  const excluded = join(import.meta.dirname, 'tempest.txt')
  const said = await tempest(
    'run',
    ...['--workspace', 'workspace', '--serial', '--regex', '^magnum_tempest_plugin', '--exclude-list', excluded],
  )
  const { passed, failed, skipped } = parseResults(said)
  expect(failed, said.slice(-20_000)).toEqual([])
  expect(skipped).toEqual([])
  expect(passed).toHaveLength(56)
  expect(ours.faults).toEqual([])
}, 900_000)

/** Users and projects are Tempest's own, made by the administrator and removed again. */
function settings({ keystone, names }: World): IniFile {
  const { authUrl, region, admin } = keystone
  return {
    auth: {
      use_dynamic_credentials: true,
      admin_username: admin.user,
      admin_password: admin.password,
      admin_project_name: 'admin',
      admin_domain_name: admin.domain,
    },
    identity: { uri_v3: authUrl, auth_version: 'v3', region },
    service_available: { magnum: true, neutron: false, cinder: false, swift: false },
    enforce_scope: { magnum: true },
    magnum: {
      image_id: names.get('image:coreos') ?? '',
      nic_id: names.get('network:public') ?? '',
      flavor_id: 'm1.small',
      master_flavor_id: 'm1.small',
      keypair_name: 'key',
      copy_logs: false,
    },
  }
}
