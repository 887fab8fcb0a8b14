/** Tempest, the tests that OpenStack's own developers have for a cloud, as one more client on this machine. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { type IniFile, writeIni } from '../../src/oslo/index.ts'
import type { Installation } from './installation.ts'
import { needPackages } from './packages.ts'
import { parseResults } from './tempest/results.ts'

const here = join(import.meta.dirname, 'tempest')
const uvLock = resolve(import.meta.dirname, '../../images/openstack/uv.lock')
const cacheDir = process.env['CROQUE_CACHE_DIR'] ?? '/var/cache/croque'

/**
 * Heat's plugin marks nothing as smoke: here what needs no guest with an agent inside. Its `tests.api` are sequences of requests
 * that two workers tear apart.
 */
const all = [
  String.raw`\[.*\bsmoke\b.*\]`,
  String.raw`heat_tempest_plugin\.tests\.functional\.test_(stack_outputs|stack_events|template_validate|resources_list)`,
].join('|')
/** Those that make no guests. All of them take some nine minutes more where guests are emulated, and run when they are asked for. */
const quick = String.raw`tempest\.api\.(identity|image|network|volume)\..*\[.*\bsmoke\b.*\]`
const [chosen, mostMinutes] = process.env['CROQUE_TEST_TEMPEST'] === 'all' ? [all, 25] : [quick, 12]

/** Runs the chosen tests; none may fail, and none may be passed over but those of `tempest/excluded.txt`, each with its reason there. */
export async function tryTempest(cloud: Installation): Promise<void> {
  const bin = await program()
  const api = cloud.api()
  const [image] = await api.image.list({ name: 'tiny' })
  const [network] = await api.network.networks('public')
  const { body } = await api.request('network', 'GET', '/v2.0/extensions')
  const { extensions } = body as { readonly extensions: readonly { readonly alias: string }[] }
  api.close()
  const aliases = extensions.map(({ alias }) => alias).join(',')
  const facts = { image: image?.id ?? '', network: network?.id ?? '', extensions: aliases }
  const workspace = mkdtempSync(join(tmpdir(), 'croque-tempest-'))
  try {
    run(join(bin, 'tempest'), 'init', workspace)
    // It holds the administrator's password.
    writeFileSync(join(workspace, 'etc/tempest.conf'), writeIni(settings(cloud, facts)), { mode: 0o600 })
    const said = await runTests(bin, workspace)
    const { passed, failed, skipped } = parseResults(said)
    process.stdout.write(`tempest: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
    for (const name of failed) process.stdout.write(`tempest failed: ${name}\n`)
    expect(failed, said.slice(-20_000)).toEqual([])
    expect(skipped).toEqual([])
    expect(passed.length).toBeGreaterThan(40)
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** The directory of Tempest's programs, in a virtual environment in the cache that is as the lock file says. */
async function program(): Promise<string> {
  const locks = [uvLock, join(here, 'requirements.lock')]
  const hash = createHash('sha256')
  for (const lock of locks) hash.update(readFileSync(lock))
  const wanted = hash.digest('hex')
  const directory = join(cacheDir, 'tempest')
  const mark = join(directory, 'installed')
  const bin = join(directory, 'venv/bin')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return bin
  await needPackages('python3-venv')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const at = (path: string): string => join(directory, path)
  run('python3', '-m', 'venv', at('uv'))
  run(at('uv/bin/pip'), 'install', '--quiet', '--no-deps', '--require-hashes', '-r', uvLock)
  run(at('uv/bin/uv'), 'venv', '--quiet', '--python', '/usr/bin/python3', at('venv'))
  const flags = ['--quiet', '--no-cache', '--no-deps', '--require-hashes', '--python', at('venv/bin/python')]
  run(at('uv/bin/uv'), 'pip', 'install', ...flags, '-r', join(here, 'requirements.lock'))
  writeFileSync(mark, wanted)
  return bin
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  expect(status, `${command} ${args.join(' ')}: ${error ?? stderr}`).toBe(0)
}

/** What Tempest says. Throws with that when it takes far too long: it is ended then. */
async function runTests(bin: string, workspace: string): Promise<string> {
  const args = ['run', '--concurrency', '2', '--regex', chosen, '--exclude-list', join(here, 'excluded.txt')]
  const child = spawn(join(bin, 'tempest'), args, {
    cwd: workspace,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer): void => {
    said += chunk.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const late = setTimeout(() => {
    child.kill()
    // Its workers have the other ends, and end with their next line.
    child.stdout.destroy()
    child.stderr.destroy()
  }, mostMinutes * 60_000)
  await new Promise((done) => child.once('close', done))
  clearTimeout(late)
  if (child.killed) throw new Error(`Tempest was not done after ${mostMinutes} minutes:\n${said.slice(-20_000)}`)
  return said
}

/** As the administrator, for any of its plugins. */
export function loginSettings(cloud: Installation): IniFile {
  const { authUrl, username, password, project, region, caFile } = cloud.login()
  return {
    auth: {
      use_dynamic_credentials: true,
      admin_username: username,
      admin_password: password,
      admin_project_name: project,
      admin_domain_name: 'Default',
    },
    identity: { uri_v3: authUrl, auth_version: 'v3', region, ca_certificates_file: caFile },
  }
}

/** Users and projects are Tempest's own, made by the administrator and removed again. */
function settings(
  cloud: Installation,
  { image, network, extensions }: { readonly image: string; readonly network: string; readonly extensions: string },
): IniFile {
  const { authUrl, username, password, project, region, caFile } = cloud.login()
  const { origin } = new URL(authUrl)
  const domain = 'Default'
  return {
    ...loginSettings(cloud),
    compute: {
      image_ref: image,
      image_ref_alt: image,
      flavor_ref: 'm1.nano',
      flavor_ref_alt: 'm1.tiny',
      min_compute_nodes: 2,
    },
    network: { public_network_id: network, floating_network_name: 'public' },
    // By itself Tempest expects agents that OVN does without. A test whose extension is missing is skipped, which fails the run.
    'network-feature-enabled': { api_extensions: extensions },
    // Nobody can log in to the test image, and from this machine no floating IP can be reached.
    validation: { run_validation: false },
    volume: { storage_protocol: 'ceph' },
    service_available: { swift: false, horizon: true },
    // This one test knows no CA of a cloud's own.
    dashboard: { dashboard_url: `${origin}/dashboard/`, disable_ssl_certificate_validation: true },
    heat_plugin: {
      username,
      password,
      project_name: project,
      admin_username: username,
      admin_password: password,
      admin_project_name: project,
      auth_url: authUrl,
      user_domain_name: domain,
      project_domain_name: domain,
      region,
      ca_file: caFile,
      image_ref: 'tiny',
      minimal_image_ref: 'tiny',
      instance_type: 'm1.nano',
      minimal_instance_type: 'm1.nano',
      fixed_network_name: 'private',
      fixed_subnet_name: 'private',
      network_for_ssh: 'private',
      build_timeout: 240,
    },
  }
}
