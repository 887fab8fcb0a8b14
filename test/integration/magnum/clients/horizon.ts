/** Horizon with the panels of magnum-ui, asked as the pages of those ask it, against whatever the catalog of a world's Keystone names. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { freePort, run } from '../../../../src/host/index.ts'
import { ensurePython, pythonOptions } from '../../openstack/python.ts'
import { startWsgi } from '../../openstack/wsgi.ts'
import type { World } from '../world.ts'

const here = join(import.meta.dirname, '../python')
const repo = join(import.meta.dirname, '../../../..')
const ensureHorizon = async (): Promise<string> => await ensurePython(join(here, 'horizon.lock'), pythonOptions())

interface Answer {
  readonly status: number
  readonly text: string
}

interface Horizon {
  /** In the session of a person. */
  readonly as: (person: 'member' | 'admin') => Promise<Session>
  /** What the sessions asked: `GET clusters/`. */
  readonly asked: readonly string[]
  readonly stop: () => Promise<void>
}

export interface Session {
  readonly page: (path: string) => Promise<Answer>
  /** Of the panels' own part of Horizon's API, with the body that a page sends; fails when the answer is not of this status. */
  readonly ask: (status: number, method: string, path: string, body?: unknown) => Promise<unknown>
}

const host = 'dashboard.test'

/** Answers when it returns. */
export async function startHorizon(world: World, dir: string): Promise<Horizon> {
  const venv = await ensureHorizon()
  const port = await freePort()
  const pythonPath = [join(here, 'horizon'), join(repo, 'src/catalog/horizon'), join(repo, 'images/services')]
  const server = await startWsgi({
    venv,
    module: 'panels:application',
    dir,
    logFile: join(dir, 'horizon.log'),
    env: {
      HOME: dir,
      DJANGO_SETTINGS_MODULE: 'openstack_dashboard.settings',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: pythonPath.join(':'),
      PUBLIC_HOST: host,
      PUBLIC_URL: `https://${host}`,
      POD_IP: '127.0.0.1',
      KEYSTONE_URL: world.keystone.authUrl,
      SECRET_KEY: 'of tests',
    },
    port,
    readyPath: '/auth/login/',
  })
  const asked: string[] = []
  const as = async (person: 'member' | 'admin'): Promise<Session> => {
    const browser = browserAt(server.url)
    await logIn(browser, world, person)
    const ask: Session['ask'] = async (status, method, path, body) => {
      asked.push(`${method} ${path}`)
      const answer = await browser(method, `/api/container_infra/${path}`, { body: JSON.stringify(body) })
      expect.soft(answer.status, `${method} ${path}: ${answer.text.slice(0, 1000)}`).toBe(status)
      return answer.text === '' ? undefined : JSON.parse(answer.text)
    }
    return { page: async (path) => await browser('GET', path), ask }
  }
  return { as, asked, stop: server.stop }
}

type Browser = (
  method: string,
  path: string,
  more?: { readonly body: string | undefined; readonly type?: string },
) => Promise<Answer>

/** Keeps cookies, sends back the one against forgery, and comes through a gateway that ends TLS. */
function browserAt(url: string): Browser {
  const cookies = new Map<string, string>()
  return async (method, path, { body, type = 'application/json' } = { body: undefined }) => {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        'x-forwarded-host': host,
        'x-forwarded-proto': 'https',
        ...(type === 'application/json' ? { 'x-requested-with': 'XMLHttpRequest' } : {}),
        referer: `https://${host}/`,
        'x-csrftoken': cookies.get('csrftoken') ?? '',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return { status: response.status, text: await response.text() }
  }
}

async function logIn(browser: Browser, world: World, person: 'member' | 'admin'): Promise<void> {
  expect((await browser('GET', '/auth/login/')).status).toBe(200)
  const { user } = world.login(person)
  const form = new URLSearchParams({ region: 'default', username: user.name, password: user.password })
  const answer = await browser('POST', '/auth/login/', {
    body: form.toString(),
    type: 'application/x-www-form-urlencoded',
  })
  expect(answer.status, answer.text.slice(0, 1000)).toBe(302)
}

/** What can be asked of the panels' part of Horizon's API, as its source says: `GET clusters/(?P<cluster_id>[^/]+)$`. */
export async function callsOfPanels(): Promise<readonly string[]> {
  const venv = await ensureHorizon()
  const where = 'import importlib.util as u; print(u.find_spec("magnum_ui").submodule_search_locations[0])'
  const { stdout } = await run(join(venv, 'bin/python'), ['-c', where])
  const source = await readFile(join(stdout.trim(), 'api/rest/magnum.py'), 'utf8')
  return source.split('@urls.register').flatMap((view) => {
    const path = /url_regex =\\?\s*r['"]container_infra\/([^'"]+)/.exec(view)?.[1] ?? ''
    return [...view.matchAll(/def (get|post|patch|delete)\(/g)].map(
      ([, method = '']) => `${method.toUpperCase()} ${path}`,
    )
  })
}

/** Those of {@link callsOfPanels} that were not asked. */
export const callsLeft = (known: readonly string[], asked: readonly string[]): readonly string[] =>
  known.filter((call) => {
    const pattern = new RegExp(`^${call.replaceAll('?P<', '?<')}`)
    return !asked.some((one) => pattern.test(one))
  })
