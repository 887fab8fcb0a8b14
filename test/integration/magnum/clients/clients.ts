/** What the real clients are put to, against an oracle or our own API: each is a function of where the API is. */
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { runGo } from '../../../../src/images/kubernetes/go-build.ts'
import { findGo } from '../../../../src/images/kubernetes/go-toolchain.ts'
import type { PasswordLogin } from '../../openstack/identity.ts'
import { pythonOptions } from '../../openstack/python.ts'
import type { Subject } from '../exchange.ts'
import { requests } from '../requests/signing.ts'
import type { World } from '../world.ts'
import { type Command, commands } from './commands.ts'
import { type Client, clientEnv, ensureClients, openstackClient, openstackOnce, runScript } from './openstack.ts'

const loginOf = (world: World, person: 'member' | 'admin'): PasswordLogin => {
  const { user, project } = world.login(person)
  return { authUrl: world.keystone.authUrl, user: user.name, password: user.password, domain: 'Default', project }
}

const envOf = (world: World, person: 'member' | 'admin'): Readonly<Record<string, string>> =>
  clientEnv(loginOf(world, person), world.keystone.region)

/** The catalog of the world names the subject; each command of {@link commands} says what it should. */
export async function tryCommands(world: World, subject: Subject): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'croque-coe-'))
  await writeFile(join(dir, 'request.csr'), requests.plain)
  for (const name of ['inline', 'files', 'keystone', 'plain']) await mkdir(join(dir, name))
  const clients = {
    member: await openstackClient(envOf(world, 'member'), dir),
    admin: await openstackClient(envOf(world, 'admin'), dir),
  }
  try {
    for (const command of commands) {
      await tryCommand(command, clients[command.as ?? 'member'], (words) =>
        words.replaceAll('{dir}', dir).replaceAll('{project}', world.names.get('project:red') ?? ''),
      )
      if (command.settle === true) await subject.settle()
    }
    const config = await readFile(join(dir, 'inline/config'), 'utf8')
    expect(config).toContain('current-context: default')
    const written = async (name: string): Promise<X509Certificate> =>
      new X509Certificate(await readFile(join(dir, `files/${name}.pem`)))
    expect((await written('cert')).verify((await written('ca')).publicKey)).toBe(true)
  } finally {
    await clients.member.close()
    await clients.admin.close()
    await rm(dir, { recursive: true })
  }
}

async function tryCommand(command: Command, client: Client, fill: (words: string) => string): Promise<void> {
  const { code, stdout, stderr } = await client.run(...fill(command.words).split(' '))
  const said = `openstack ${command.words}\n${stdout}${stderr}`
  expect(code, said).toBe(command.code ?? 0)
  expect(`${stdout}${stderr}`, said).toMatch(command.says)
}

/** As a person starts it: one process. */
export async function tryProgram(world: World): Promise<void> {
  const { code, stdout, stderr } = await openstackOnce(envOf(world, 'admin'), 'coe', 'service', 'list', '-f', 'json')
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject([{ binary: 'magnum-conductor', state: 'up' }])
}

/** Words of all commands that the client's package has: `coe cluster create`. */
export async function packagedCommands(): Promise<readonly string[]> {
  const venv = await ensureClients()
  const script =
    'import importlib.metadata as m; print("\\n".join(e.name for e in m.entry_points(group="openstack.container_infra.v1")))'
  const { run } = await import('../../../../src/host/index.ts')
  const { stdout } = await run(join(venv, 'bin/python'), ['-c', script])
  return stdout
    .trim()
    .split('\n')
    .map((name) => name.replaceAll('_', ' '))
}

export interface Tried {
  /** Methods that the script does not call. */
  readonly left: readonly string[]
  /** Methods of openstacksdk that cannot work against Magnum: they patch `/id`. */
  readonly broken: readonly string[]
}

/** Every method of python-magnumclient and openstacksdk. */
export async function tryMethods(world: World, subject: Subject): Promise<Tried> {
  const dir = await mkdtemp(join(tmpdir(), 'croque-methods-'))
  const file = join(dir, 'request.csr')
  await writeFile(file, requests.plain)
  const words = [world.names.get('project:red') ?? '', file, world.login('admin').user.password]
  try {
    const output = await whileSettling(subject, () => runScript(envOf(world, 'member'), 'methods.py', ...words))
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Tried
  } finally {
    await rm(dir, { recursive: true })
  }
}

const goProgram = join(import.meta.dirname, '../gophercloud')

async function go(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<string> {
  const options = pythonOptions()
  const work = { signal: new AbortController().signal, say: () => undefined }
  const found = await findGo(options, goProgram, work)
  return (await runGo(found, { ...options, env: { ...options.env, ...env } }, work, words)).stdout
}

/** Functions of gophercloud's packages for Magnum, `clusters.Resize`, and which of them its program does not call. */
export async function functionsOfGophercloud(): Promise<{
  readonly known: readonly string[]
  readonly left: readonly string[]
}> {
  const packages = 'github.com/gophercloud/gophercloud/v2/openstack/containerinfra/v1/...'
  const directories = (await go({}, 'list', '-f', '{{.Dir}}', packages)).trim().split('\n')
  const known: string[] = []
  for (const directory of directories.filter((one) => !one.endsWith('/testing'))) {
    const text = await readFile(join(directory, 'requests.go'), 'utf8')
    for (const [, name] of text.matchAll(/^func ([A-Z]\w*)/gm)) known.push(`${basename(directory)}.${name}`)
  }
  const program = await readFile(join(goProgram, 'main.go'), 'utf8')
  return { known, left: known.filter((name) => !program.includes(`${name}(`)) }
}

/** Every function of gophercloud: a program that fails with the first that does not do what it should. */
export async function tryGophercloud(world: World, subject: Subject): Promise<void> {
  const words = [world.names.get('project:red') ?? '', requests.plain, world.login('admin').user.password]
  await whileSettling(subject, () => go(envOf(world, 'member'), 'run', '.', ...words))
}

async function whileSettling<T>(subject: Subject, work: () => Promise<T>): Promise<T> {
  let over = false
  const settling = (async (): Promise<void> => {
    while (!over) {
      await subject.settle()
      await sleep(200)
    }
  })()
  try {
    return await work()
  } finally {
    over = true
    await settling
  }
}
