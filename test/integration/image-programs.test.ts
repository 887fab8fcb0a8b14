/** Every image run through the Kolla contract only, as an official one would be: its entry point, its user, a config.json and the strategy. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureImages } from '../../src/images/index.ts'
import { imageRecipes } from '../../src/images/recipes.ts'
import { type Container, type Containers, openContainers } from './containers.ts'

const repoDir = resolve(import.meta.dirname, '../..')
const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'
let containers: Containers

beforeAll(async () => {
  containers = await openContainers()
})
afterAll(async () => await containers?.remove())

async function container(name: string): Promise<Container> {
  const [archive] = await ensureImages({
    repoDir,
    cacheDir,
    release: '2026.1',
    names: [name],
    env: process.env as Record<string, string>,
    report: { step: async (_id, work) => await work(() => undefined) },
    signal: new AbortController().signal,
  })
  if (archive === undefined) throw new Error(`there is no image ${name}`)
  return await containers.create(archive)
}

/** What an image is for, asked for its version, and what it answers. */
const programs: readonly (readonly [image: string, command: string, answer: RegExp])[] = [
  ['base', 'python3 --version', /^Python 3\./m],
  ['mariadb', 'mariadbd --version', /MariaDB/],
  ['rabbitmq', 'rabbitmqctl version', /^4\./m],
  ['memcached', 'memcached --version', /^memcached 1\./m],
  ['haproxy', 'haproxy -v', /^HAProxy version/m],
  ['ovn', 'ovn-northd --version', /^ovn-northd \d/m],
  ['ovn', 'ovs-vswitchd --version', /^ovs-vswitchd \(Open vSwitch\)/m],
  ['ceph', 'ceph-osd --version', /^ceph version/m],
  ['openstack', 'uwsgi --version', /^2\./m],
  ['openstack', 'keystone-manage --version', /^\d+\.\d/m],
  ['openstack', 'nova-conductor --version', /^\d+\.\d/m],
  ['compute', 'nova-compute --version', /^\d+\.\d/m],
  ['compute', 'libvirtd --version', /libvirt\) \d/],
  ['compute', 'qemu-system-x86_64 --version', /^QEMU emulator version/m],
  ['croque', 'node --version', /^v24\./m],
]

test('each image has a program here', () => {
  expect(new Set(programs.map(([image]) => image))).toEqual(new Set(imageRecipes.map(({ name }) => name)))
})

describe.each(['COPY_ALWAYS', 'COPY_ONCE'])('with KOLLA_CONFIG_STRATEGY=%s', (strategy) => {
  test.each(programs)(
    'the image %s becomes `%s`',
    async (image, command, answer) => {
      const started = await container(image)
      expect([started.config.Entrypoint.at(-1), started.config.Cmd]).toEqual(['--', ['kolla_start']])
      const source = '/var/lib/kolla/config_files/note'
      const copied = { source, dest: '/etc/croque-test/note', owner: 'root', perm: '0640' }
      const { code, stdout, stderr } = await started.start({
        files: { 'config.json': { command, config_files: [copied] }, note: 'put in place by root' },
        env: { KOLLA_CONFIG_STRATEGY: strategy },
      })
      expect([code, stdout], stderr).toEqual([0, expect.stringMatching(answer)])
      expect(await started.read('/etc/croque-test/note')).toBe('put in place by root')
      expect(await started.read('/run_command')).toBe(command)
    },
    1_200_000,
  )
})

test('the image croque has all that its program loads', async () => {
  const started = await container('croque')
  const all = ['cli/serve.ts', 'clusters/serve/foreground.ts'].map(
    (file) => `await import('/usr/lib/croque/src/${file}')`,
  )
  const { stdout, stderr } = await started.start({
    // Without a configuration it says so, when all is loaded.
    files: {
      'config.json': { command: 'node /var/lib/kolla/config_files/all.mjs' },
      'all.mjs': all.toReversed().join('\n'),
    },
    env: { KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS' },
  })
  expect(stdout, stderr).toContain('/etc/magnum/magnum.yaml')
  expect(stderr).not.toMatch(/ERR_|Error:/)
}, 1_200_000)

test('the Horizon of the image openstack has the panels of clusters, in its static files too, for clouds with that service', async () => {
  const started = await container('openstack')
  const { code, stdout, stderr } = await started.start({
    files: {
      'config.json': { command: 'python -B /var/lib/kolla/config_files/panels.py' },
      'panels.py': readFileSync(resolve(import.meta.dirname, 'openstack/python/panels.py'), 'utf8'),
    },
    env: { KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS' },
    user: '0:0',
  })
  const permissions = ['openstack.services.container-infra']
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    panels: {
      '/project/clusters/': permissions,
      '/project/cluster_templates/': permissions,
      '/admin/container_infra/quotas/': permissions,
    },
    api: 'magnum_ui.api.rest.magnum',
    packed: ['horizon.dashboard.container-infra.clusters', 'croque-node', '.pie-chart-legend'],
  })
}, 1_200_000)

describe('at its second start a container', () => {
  test.each([
    ['COPY_ALWAYS', 'second'],
    ['COPY_ONCE', 'first'],
  ])('with %s has its %s configuration and command', async (strategy, expected) => {
    const started = await container('base')
    const entry = { source: '/var/lib/kolla/config_files/note', dest: '/etc/note', owner: 'kolla', perm: '0600' }
    const at = async (word: string) =>
      await started.start({
        files: { 'config.json': { command: `echo the ${word}`, config_files: [entry] }, note: word },
        env: { KOLLA_CONFIG_STRATEGY: strategy },
      })
    expect((await at('first')).stdout).toMatch(/^the first$/m)
    const { code, stdout } = await at('second')
    expect([code, stdout]).toEqual([0, expect.stringContaining(`\nthe ${expected}\n`)])
    expect(await started.read('/etc/note')).toBe(expected)
  })

  test('that says no strategy does not start', async () => {
    const started = await container('base')
    const { code, stderr } = await started.start({ files: { 'config.json': { command: 'true' } } })
    expect([code, stderr]).toEqual([1, expect.stringContaining('KOLLA_CONFIG_STRATEGY')])
  })
})

describe('the mode variables', () => {
  const bootstrap = { KOLLA_CONFIG_STRATEGY: 'COPY_ALWAYS', KOLLA_BOOTSTRAP: '' }

  test('make a database, set to nothing as well, and the command is not run', async () => {
    const started = await container('mariadb')
    const { code, stdout, stderr } = await started.start({
      files: { 'config.json': { command: 'echo it runs' } },
      env: { ...bootstrap, DB_ROOT_PASSWORD: 'for-this-test' },
    })
    expect([code, stdout], stderr).toEqual([0, expect.not.stringContaining('it runs')])
    expect(await started.read('/var/lib/mysql/mysql/db.opt')).toContain('default-character-set')
  })

  test('make the tables of a service, with the configuration in place', async () => {
    const started = await container('openstack')
    const entry = {
      source: '/var/lib/kolla/config_files/keystone.conf',
      dest: '/etc/keystone/keystone.conf',
      owner: 'keystone',
      perm: '0600',
    }
    const { code, stdout, stderr } = await started.start({
      files: {
        'config.json': { command: 'echo it runs', config_files: [entry] },
        'keystone.conf': '[database]\nconnection = sqlite:////var/lib/keystone/keystone.sqlite\n',
      },
      env: { ...bootstrap, KOLLA_SERVICE_NAME: 'keystone' },
      user: '42425:42425',
    })
    expect([code, stdout], stderr).toEqual([0, expect.not.stringContaining('it runs')])
    expect(await started.read('/var/lib/keystone/keystone.sqlite')).toMatch(/^SQLite format 3/)
  })

  test('are passed over when KOLLA_SKIP_EXTEND_START is set', async () => {
    const started = await container('mariadb')
    const { stdout } = await started.start({
      files: { 'config.json': { command: 'echo it runs' } },
      env: { ...bootstrap, KOLLA_SKIP_EXTEND_START: '' },
    })
    expect(stdout).toMatch(/^it runs$/m)
  })
})
