/**
 * A real Magnum for tests, the living oracle: its API and conductor as they come from PyPI, behind a real Keystone, with fakes of the
 * services where it looks up images, flavors, key pairs and networks, and with a driver that makes nothing.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { freePort } from '../../../src/host/index.ts'
import type { Keystone } from '../openstack/keystone.ts'
import { ensurePython, type PythonOptions, pythonOptions } from '../openstack/python.ts'
import { startWsgi } from '../openstack/wsgi.ts'

/** 22.0.0 is of OpenStack 2026.1 (microversions to 1.12), 23.0.0 of 2026.2 (to 1.14). */
export type MagnumVersion = '22' | '23'

export interface Magnum {
  /** What the catalog names: `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly pid: number
  /** Ends well what is in progress, as a driver would: `*_IN_PROGRESS` becomes `*_COMPLETE`, what is being deleted is gone. */
  readonly settle: () => Promise<void>
  /** Statements on its database, for states that no request leads to. */
  readonly sql: (statements: string) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface MagnumOptions {
  readonly version?: MagnumVersion
  readonly keystone: Keystone
  /** A directory of its own; made when missing, removed by nobody. */
  readonly dir: string
  /**
   * Magnum 22 logs in at Keystone for every policy check, to learn the id of the domain of trustees that it was configured with, and
   * makes four RSA keys for a cluster. By default both are left out, for speed; for measurements they have to stay, or the keys at least.
   * @default false
   */
  readonly asSlowAsIs?: boolean | 'but for logins'
  /** Each with an API and a conductor. @default 1 */
  readonly processes?: number
  /** Further lines of magnum.conf. */
  readonly settings?: string
  readonly python?: PythonOptions
}

const here = join(import.meta.dirname, 'python')

/** Answers when it returns, and the catalog names it. */
export async function startMagnum(options: MagnumOptions): Promise<Magnum> {
  const { keystone, dir, version = '22' } = options
  const venv = await ensurePython(join(here, `magnum-${version}.lock`), options.python ?? pythonOptions())
  const port = await freePort()
  await mkdir(dir, { recursive: true })
  await copyFile(join(venv, 'etc/magnum/api-paste.ini'), join(dir, 'api-paste.ini'))
  const file = join(dir, 'magnum.sqlite')
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
  await writeFile(join(dir, 'magnum.conf'), await configuration(options, port, file))
  const server = await startWsgi({
    venv,
    module: 'croque_oracle.wsgi:application',
    dir,
    logFile: join(dir, 'magnum.log'),
    env: {
      MAGNUM_CONF: join(dir, 'magnum.conf'),
      PYTHONPATH: join(here, 'oracle'),
      PYTHONDONTWRITEBYTECODE: '1',
      // Some texts list the members of a set.
      PYTHONHASHSEED: '0',
      ...slowness(options),
    },
    port,
    ...(options.processes === undefined ? {} : { processes: options.processes }),
    readyPath: '/healthcheck',
  })
  const url = `${server.url}/v1`
  const { stop } = server
  const sql = async (statements: string): Promise<void> => {
    const { ok, status } = await fetch(`${server.url}/.oracle/sql`, { method: 'POST', body: statements })
    if (!ok) throw new Error(`the oracle's database answered ${status}`)
  }
  try {
    await keystone.identity.offer('container-infra', url)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, pid: server.pid, settle: async () => await sql(settling), sql, stop }
}

function slowness({ asSlowAsIs = false }: MagnumOptions): Record<string, string> {
  if (asSlowAsIs === true) return {}
  return asSlowAsIs === false ? { IN_A_HURRY: 'yes' } : { WITHOUT_LOGINS: 'yes' }
}

async function configuration(options: MagnumOptions, port: number, file: string): Promise<string> {
  const { keystone, dir, settings = '' } = options
  const { authUrl, region } = keystone
  const account = await serviceAccount(keystone)
  const login = `
auth_type = password
auth_url = ${authUrl}
username = magnum
password = ${account.password}
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = ${region}
`
  const clients = ['magnum', 'heat', 'glance', 'nova', 'neutron', 'cinder', 'octavia', 'barbican', 'keystone']
  return `
[DEFAULT]
host = oracle
transport_url = fake:/
[api]
host = 127.0.0.1
port = ${port}
api_paste_config = ${join(dir, 'api-paste.ini')}
[database]
connection = sqlite:///${file}?timeout=60
sqlite_synchronous = false
[certificates]
cert_manager_type = x509keypair
[keystone_authtoken]
www_authenticate_uri = ${authUrl}
service_token_roles_required = true
${login}
[keystone_auth]
${login}
[trust]
trustee_domain_id = ${account.trusteeDomain}
trustee_domain_admin_name = magnum_domain_admin
trustee_domain_admin_password = ${account.trusteePassword}
[drivers]
default_driver = croque_oracle
disabled_drivers = k8s_fedora_coreos_v1
${clients.map((name) => `[${name}_client]\nregion_name = ${region}\n`).join('')}
${settings}
`
}

interface Account {
  readonly password: string
  readonly trusteeDomain: string
  readonly trusteePassword: string
}

const accounts = new WeakMap<Keystone, Promise<Account>>()

/** Two Magnums of one Keystone share it. */
async function serviceAccount(keystone: Keystone): Promise<Account> {
  const account = accounts.get(keystone) ?? makeAccount(keystone)
  accounts.set(keystone, account)
  return await account
}

/** The service user and the domain of trustees, as Magnum's installation guide has them. */
async function makeAccount({ identity }: Keystone): Promise<Account> {
  const project = await identity.createProject('service')
  const user = await identity.createUser('magnum', { project: project.id, roles: ['admin', 'service'] })
  const domain = await identity.createDomain('magnum')
  const admin = await identity.createUser('magnum_domain_admin', { domain: domain.id })
  await identity.grant({ user: admin.id, role: 'admin', on: { domain: domain.id } })
  return { password: user.password, trusteeDomain: domain.id, trusteePassword: admin.password }
}

const settling = `
    BEGIN IMMEDIATE;
    DELETE FROM nodegroup WHERE status = 'DELETE_IN_PROGRESS'
      OR cluster_id IN (SELECT uuid FROM cluster WHERE status = 'DELETE_IN_PROGRESS');
    DELETE FROM cluster WHERE status = 'DELETE_IN_PROGRESS';
    UPDATE nodegroup SET node_addresses = CASE WHEN node_count = 0 THEN '[]'
        WHEN role = 'master' THEN '["10.0.0.5"]' ELSE '["10.0.0.11"]' END,
      status = replace(status, 'IN_PROGRESS', 'COMPLETE') WHERE status LIKE '%IN_PROGRESS';
    UPDATE cluster SET api_address = 'https://10.0.0.5:6443', coe_version = 'v1.35.0',
      status = replace(status, 'IN_PROGRESS', 'COMPLETE') WHERE status LIKE '%IN_PROGRESS';
    COMMIT;
  `
