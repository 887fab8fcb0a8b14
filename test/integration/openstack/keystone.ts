/**
 * A real Keystone 2026.1 for tests, without Kubernetes: SQLite, Fernet tokens, an administrator, the usual roles and the default domain.
 * What takes long (tables, bootstrap) is made once and kept beside the virtual environment in the cache.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { freePort, run } from '../../../src/host/index.ts'
import { type Identity, identityAt, type PasswordLogin } from './identity.ts'
import { ensurePython, makeOnce, type PythonOptions, pythonOptions } from './python.ts'
import { startWsgi } from './wsgi.ts'

export interface Keystone {
  /** `http://127.0.0.1:PORT/v3` */
  readonly authUrl: string
  readonly region: string
  /** `admin` of project `admin`, with role admin on the project and on the system. */
  readonly admin: PasswordLogin
  /** Makes and removes projects, users, roles, tokens and the like, as the administrator. */
  readonly identity: Identity
  /** Its log, and where its configuration is. */
  readonly dir: string
  readonly stop: () => Promise<void>
}

export interface KeystoneOptions {
  /** A directory of its own for the database, keys and the log; made when missing, removed by nobody. */
  readonly dir: string
  /** Services of the catalog, each with one URL for all interfaces: `{ 'container-infra': 'http://127.0.0.1:9511/v1' }`. */
  readonly endpoints?: Readonly<Record<string, string>>
  /** How long a token is good. @default 3600 */
  readonly tokenSeconds?: number
  readonly python?: PythonOptions
}

const lockFile = join(import.meta.dirname, 'python/keystone.lock')
const password = 'a-password-of-tests'
const region = 'RegionOne'
const placeholder = 'http://keystone.invalid/v3'

/** Answers when it returns: some five seconds, a minute the first time on a machine. */
export async function startKeystone(options: KeystoneOptions): Promise<Keystone> {
  const python = options.python ?? pythonOptions()
  const venv = await ensurePython(lockFile, python)
  const port = await freePort()
  const authUrl = `http://127.0.0.1:${port}/v3`
  await mkdir(options.dir, { recursive: true })
  await copyFile(await bootstrapped(venv), join(options.dir, 'keystone.db'))
  name(options.dir, authUrl)
  await configure(options.dir, options.tokenSeconds ?? 3600)
  const server = await startWsgi({
    venv,
    module: 'keystone.wsgi.api:application',
    dir: options.dir,
    logFile: join(options.dir, 'keystone.log'),
    env: { OS_KEYSTONE_CONFIG_DIR: options.dir },
    port,
    readyPath: '/v3',
  })
  const admin: PasswordLogin = { authUrl, user: 'admin', password, domain: 'Default', project: 'admin' }
  try {
    const identity = identityAt(admin, region)
    for (const [type, url] of Object.entries(options.endpoints ?? {})) await identity.offer(type, url)
    return { authUrl, region, admin, identity, dir: options.dir, stop: server.stop }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Two keys each, as `fernet_setup` writes them: the one to use, and the next. */
async function writeKeys(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const key of ['0', '1']) {
    const text = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
    await writeFile(join(directory, key), text, { mode: 0o600 })
  }
}

async function configure(dir: string, tokenSeconds: number): Promise<void> {
  await writeKeys(join(dir, 'fernet-keys'))
  await writeKeys(join(dir, 'credential-keys'))
  const text = `
[database]
connection = sqlite:///${join(dir, 'keystone.db')}?timeout=60
sqlite_synchronous = false
[token]
expiration = ${tokenSeconds}
[fernet_tokens]
key_repository = ${join(dir, 'fernet-keys')}
[fernet_receipts]
key_repository = ${join(dir, 'fernet-keys')}
[credential]
key_repository = ${join(dir, 'credential-keys')}
[identity]
password_hash_rounds = 4
`
  await writeFile(join(dir, 'keystone.conf'), text)
}

/** A database with tables and an administrator, whose catalog names no real place. */
async function bootstrapped(venv: string): Promise<string> {
  const dir = `${venv}.bootstrapped`
  await makeOnce(dir, async () => {
    await mkdir(dir)
    await configure(dir, 3600)
    const manage = async (...args: readonly string[]): Promise<void> => {
      await run(join(venv, 'bin/keystone-manage'), [`--config-file=${dir}/keystone.conf`, ...args])
    }
    await manage('db_sync')
    const urls = ['admin', 'public', 'internal'].map((face) => `--bootstrap-${face}-url=${placeholder}`)
    await manage('bootstrap', `--bootstrap-password=${password}`, `--bootstrap-region-id=${region}`, ...urls)
  })
  return join(dir, 'keystone.db')
}

function name(dir: string, authUrl: string): void {
  const database = new DatabaseSync(join(dir, 'keystone.db'))
  // Else a reader on one thread keeps a writer on another waiting until it gives up.
  database.exec('PRAGMA journal_mode = WAL')
  database.prepare('UPDATE endpoint SET url = ? WHERE url = ?').run(authUrl, placeholder)
  database.close()
}
