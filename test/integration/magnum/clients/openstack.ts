/** The real clients from packages: `openstack coe`, python-magnumclient and openstacksdk, against whatever the catalog of a Keystone names. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { run } from '../../../../src/host/index.ts'
import type { PasswordLogin } from '../../openstack/identity.ts'
import { ensurePython, type PythonOptions, pythonOptions } from '../../openstack/python.ts'

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Client {
  /** Words after `openstack`. */
  readonly run: (...words: readonly string[]) => Promise<Said>
  readonly close: () => Promise<void>
}

const here = join(import.meta.dirname, '../python')
const lockFile = join(here, 'clients.lock')

/** The directory of the virtual environment with all clients. */
export const ensureClients = async (options: PythonOptions = pythonOptions()): Promise<string> =>
  await ensurePython(lockFile, options)

/** What the clients read of the environment; nothing of this process's own. */
export function clientEnv(login: PasswordLogin, region: string): Readonly<Record<string, string>> {
  return {
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    // Decides how `cluster config` says what to type next.
    SHELL: '/bin/bash',
    COLUMNS: '200',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONWARNINGS: 'ignore',
    OS_AUTH_URL: login.authUrl,
    OS_USERNAME: login.user,
    OS_PASSWORD: login.password,
    OS_PROJECT_NAME: login.project ?? '',
    OS_USER_DOMAIN_NAME: login.domain,
    OS_PROJECT_DOMAIN_NAME: login.domain,
    OS_REGION_NAME: region,
    OS_IDENTITY_API_VERSION: '3',
  }
}

/** `openstack` as a person starts it: a process for every command. */
export async function openstackOnce(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Said> {
  const venv = await ensureClients()
  return await run(join(venv, 'bin/openstack'), words, { env, okCodes: [0, 1, 2] })
}

/** `openstack` for many commands, one after the other, in one process. */
export async function openstackClient(env: Readonly<Record<string, string>>, cwd: string): Promise<Client> {
  const venv = await ensureClients()
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', join(venv, 'bin/python'), join(here, 'coe.py')], {
    cwd,
    env: { PATH: `${join(venv, 'bin')}:/usr/bin:/bin`, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise((resolve) => child.once('close', resolve))
  return {
    run: async (...words) => {
      child.stdin.write(`${JSON.stringify(words)}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error(`the client ended at openstack ${words.join(' ')}`)
      return JSON.parse(line.value) as Said
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** A script of `python/` with these arguments, in the clients' environment; its output, or an error with what it wrote. */
export async function runScript(
  env: Readonly<Record<string, string>>,
  script: string,
  ...args: readonly string[]
): Promise<string> {
  const venv = await ensureClients()
  const python = join(venv, 'bin/python')
  const { code, stdout, stderr } = await run(python, [join(here, script), ...args], { env, okCodes: [0, 1] })
  if (code !== 0) throw new Error(`${script}: ${stderr}`)
  return stdout
}
