/**
 * A real Heat for tests: its API and engine as they come from PyPI, with stand-ins for the resources of Nova and Neutron (which are there
 * as soon as they are asked for) and nobody who checks tokens. What it says of stacks, resources and their marks is Heat's own. It works by
 * its older engine: the newer one writes from many threads at once, which a database that is one file bears only of one small stack.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { freePort } from '../../../src/host/index.ts'
import { ensurePython, pythonOptions } from '../openstack/python.ts'
import { startWsgi } from '../openstack/wsgi.ts'

export interface Heat {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string
  readonly stop: () => Promise<void>
}

const here = join(import.meta.dirname, 'python')

/** `dir`: of its own; made when missing, removed by nobody. Answers when it returns. `newer`: its engine is the one of today's clouds. */
export async function startHeat(dir: string, { newer = false } = {}): Promise<Heat> {
  const venv = await ensurePython(join(here, 'heat.lock'), pythonOptions())
  await mkdir(dir, { recursive: true })
  const file = join(dir, 'heat.sqlite')
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
  await writeFile(join(dir, 'heat.conf'), configuration(venv, file, newer))
  const { url, stop } = await startWsgi({
    venv,
    module: 'croque_heat.wsgi:application',
    dir,
    logFile: join(dir, 'heat.log'),
    env: {
      HEAT_CONF: join(dir, 'heat.conf'),
      PYTHONPATH: join(here, 'oracle'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    port: await freePort(),
    readyPath: '/v1/none/stacks',
  })
  return { url: `${url}/v1`, stop }
}

const configuration = (venv: string, file: string, newer: boolean): string => `
[DEFAULT]
transport_url = fake:/
plugin_dirs = ${join(here, 'oracle/plugins')}
convergence_engine = ${newer}
deferred_auth_method = password
auth_encryption_key = 0123456789abcdef0123456789abcdef
default_log_levels = heat.engine.environment=WARNING
[paste_deploy]
flavor = noauth
api_paste_config = ${join(venv, 'etc/heat/api-paste.ini')}
[database]
connection = sqlite:///${file}?timeout=60
sqlite_synchronous = false
`
