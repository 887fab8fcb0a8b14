/** A Python WSGI application served by uWSGI on a port of 127.0.0.1, which ends with the test that started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface WsgiOptions {
  /** The virtual environment; uWSGI is in it as `pyuwsgi`. */
  readonly venv: string
  /** `package.module:callable` */
  readonly module: string
  /** An existing directory. */
  readonly dir: string
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>>
  readonly port: number
  /** @default 1 */
  readonly processes?: number
  /** Of each process. @default 4 */
  readonly threads?: number
  /** A path that answers, whatever the status, once the application is there. */
  readonly readyPath: string
}

export interface WsgiServer {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** Answers when it returns. */
export async function startWsgi(options: WsgiOptions): Promise<WsgiServer> {
  const url = `http://127.0.0.1:${options.port}`
  const log = openSync(options.logFile, 'a')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', join(options.venv, 'bin/pyuwsgi'), ...flags(options)], {
    cwd: options.dir,
    env: { PATH: `${join(options.venv, 'bin')}:/usr/bin:/bin`, LANG: 'C.UTF-8', ...options.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', () => undefined)
  const stop = async (): Promise<void> => await end(child)
  for (let attempt = 0; attempt < 1200; attempt += 1) {
    if (child.exitCode !== null || child.signalCode !== null) break
    if (await answers(`${url}${options.readyPath}`)) return { url, pid: child.pid ?? -1, stop }
    await sleep(100)
  }
  await stop()
  const said = await readFile(options.logFile, 'utf8')
  throw new Error(`${options.module} did not come up: ${said.slice(-4000)}`)
}

const flags = (options: WsgiOptions): readonly string[] => [
  `--http-socket=127.0.0.1:${options.port}`,
  `--module=${options.module}`,
  `--processes=${options.processes ?? 1}`,
  ...(options.processes === undefined ? [] : ['--master', '--no-orphans']),
  `--threads=${options.threads ?? 4}`,
  '--enable-threads',
  '--lazy-apps',
  '--need-app',
  '--die-on-term',
  '--buffer-size=65535',
  '--listen=100',
  '--disable-logging',
  // Four seconds by itself, which a busy machine takes between a request's head and its body.
  '--socket-timeout=60',
  '--add-header=Connection: close',
]

async function answers(url: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 60_000 }, (response) => {
      response.resume()
      response.on('close', () => resolve(true))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
