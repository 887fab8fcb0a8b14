/** A real registry for the tests: Debian's docker-registry, unpacked into the cache, with TLS and a password, on 127.0.0.1. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, run } from '../../src/host/index.ts'
import { createCa, issueServer } from '../../src/pki/index.ts'

export const user = 'croque'
export const password = 'correct horse'
/** bcrypt of the password, as htpasswd writes it. */
const htpasswd = `${user}:$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n`

export interface RegistryServer {
  readonly port: number
  /** PEM */
  readonly ca: string
  start(): Promise<void>
  /** At once, as by a power cut. */
  kill(): Promise<void>
}

/** A server that keeps all that it has in `directory`, under `name` beside 127.0.0.1; not started. */
export async function registryServer(directory: string, cacheDir: string, name = 'localhost'): Promise<RegistryServer> {
  const program = await ensureProgram(cacheDir)
  const now = new Date()
  const ca = await createCa({ commonName: 'CA of a registry', days: 1, now })
  const names = { commonName: 'registry', dnsNames: [name], ipAddresses: ['127.0.0.1'] }
  const { cert, key } = await issueServer({ ...names, ca, days: 1, now })
  const port = await freePort()
  const at = (name: string): string => join(directory, name)
  await mkdir(directory, { recursive: true })
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: at('data') } },
    auth: { htpasswd: { realm: 'a registry', path: at('htpasswd') } },
    http: { addr: `127.0.0.1:${port}`, secret: 'one', tls: { certificate: at('tls.crt'), key: at('tls.key') } },
  }
  const files = { htpasswd, 'tls.crt': cert, 'tls.key': key, 'config.yml': JSON.stringify(config) }
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text, { mode: 0o600 })
  let kill = async (): Promise<void> => undefined
  return {
    port,
    ca: ca.cert,
    async start() {
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, 'serve', at('config.yml')], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      kill = async () => {
        child.kill('SIGKILL')
        await ended
      }
      await untilOpen(port)
    },
    kill: async () => await kill(),
  }
}

/** Nothing is installed on the machine. */
async function ensureProgram(cacheDir: string): Promise<string> {
  const target = join(cacheDir, 'docker-registry')
  const program = join(target, 'usr/bin/docker-registry')
  if (existsSync(program)) return program
  await mkdir(cacheDir, { recursive: true })
  const work = await mkdtemp(join(cacheDir, 'docker-registry.partial-'))
  const env = Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => !!pair[1]))
  try {
    const download = async () => await run('apt-get', ['-q', 'download', 'docker-registry'], { cwd: work, env })
    await download().catch(async () => {
      await run('apt-get', ['-q', 'update'], { env })
      return await download()
    })
    const [file = ''] = (await readdir(work)).filter((name) => name.endsWith('.deb'))
    await run('dpkg-deb', ['-x', join(work, file), join(work, 'root')])
    await rename(join(work, 'root'), target)
  } finally {
    await rm(work, { recursive: true })
  }
  return program
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
    await sleep(100)
  }
  throw new Error(`nothing listens on 127.0.0.1:${port}`)
}
