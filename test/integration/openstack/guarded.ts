/** A service of a cloud as far as its door: keystonemiddleware itself, and 200 to whomever that lets in. */
import { join } from 'node:path'
import { freePort } from '../../../src/host/index.ts'
import type { User } from './identity.ts'
import { ensurePython, pythonOptions } from './python.ts'
import { startWsgi, type WsgiServer } from './wsgi.ts'

const python = join(import.meta.dirname, 'python')

export interface GuardedOptions {
  /** In the catalog. */
  readonly type: string
  readonly authUrl: string
  /** With the role `service` in the project of that name. */
  readonly user: User
  readonly dir: string
}

export async function startGuarded({ type, authUrl, user, dir }: GuardedOptions): Promise<WsgiServer> {
  return await startWsgi({
    venv: await ensurePython(join(python, 'keystone.lock'), pythonOptions()),
    module: 'guarded:application',
    dir,
    logFile: join(dir, `${type}.log`),
    env: {
      PYTHONPATH: python,
      PYTHONDONTWRITEBYTECODE: '1',
      SERVICE_TYPE: type,
      AUTH_URL: authUrl,
      SERVICE_USER: user.name,
      SERVICE_PASSWORD: user.password,
    },
    port: await freePort(),
    readyPath: '/',
  })
}
