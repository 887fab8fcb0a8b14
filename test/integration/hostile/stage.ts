/** Replicas of the API as processes of their own, which can be killed: `croque api` on a real API server, behind a real Keystone, with the null driver. */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { makeDefinitions } from '../../../src/clusters/serve/index.ts'
import { freePort } from '../../../src/host/index.ts'
import { openTestCluster, type TestCluster } from '../cluster.ts'
import { openWorld, type World } from '../magnum/world.ts'

export interface Stage {
  readonly cluster: TestCluster
  readonly world: World
  /** A place for a replica: whatever is started there has the same address. Nothing runs yet. */
  readonly place: (more?: Readonly<Record<string, object>>) => Promise<Place>
  readonly close: () => Promise<void>
}

export interface Place {
  readonly url: string
  readonly operatorUrl: string
  /** Resolves when it is ready. */
  readonly start: () => Promise<void>
  /** By SIGKILL, in the middle of whatever it does. */
  readonly kill: () => Promise<void>
  /** Bytes that it has in memory. */
  readonly memory: () => Promise<number>
  /** Lines of its log that tell of faults, of all that ran here. */
  readonly faults: () => readonly string[]
}

export const namespace = 'hostile'
const main = resolve(import.meta.dirname, '../../../src/cli/main.ts')

/** `dir` is an existing directory, and stays. */
export async function openStage(dir: string): Promise<Stage> {
  const [cluster, world] = await Promise.all([openTestCluster(), openWorld(dir)])
  const places: Place[] = []
  const close = async (): Promise<void> => {
    for (const { kill } of places) await kill()
    await world.close()
    await cluster.close()
  }
  try {
    const { identity, authUrl } = world.keystone
    const project = await identity.createProject('service')
    const { password } = await identity.createUser('magnum', { project: project.id, roles: ['admin', 'service'] })
    await cluster.kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    await makeDefinitions(cluster.kube, new AbortController().signal)
    const place: Stage['place'] = async (more = {}) => {
      const [port, operatorPort] = [await freePort(), await freePort()]
      const config = join(dir, `magnum-${places.length}.yaml`)
      const sections = {
        metrics: { port: operatorPort },
        keystone_authtoken: { auth_url: authUrl, password, interface: 'public' },
        kubernetes: { namespace },
        drivers: { enabled: ['null'], imaginary: true },
        ...more,
        api: { port, shutdown_seconds: 0, ...more['api'] },
      }
      await writeFile(config, stringify(sections))
      const made = placeOf({ config, kubeconfig: cluster.server.access.kubeconfigFile, port, operatorPort })
      places.push(made)
      return made
    }
    return { cluster, world, place, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Running {
  readonly pid: number
  readonly kill: () => Promise<void>
}

interface PlaceOptions {
  readonly config: string
  readonly kubeconfig: string
  readonly port: number
  readonly operatorPort: number
}

function placeOf({ config, kubeconfig, port, operatorPort }: PlaceOptions): Place {
  const operatorUrl = `http://127.0.0.1:${operatorPort}`
  let said = ''
  let running: Running | undefined
  const start = async (): Promise<void> => {
    const command = [process.execPath, main, 'api', '--kubeconfig', kubeconfig, '--config', config, '--output', 'json']
    // It ends with the test, whatever becomes of that.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
    let isOver = false
    const ended = new Promise<void>((done) => {
      child.on('exit', () => {
        isOver = true
        done()
      })
    })
    running = {
      pid: child.pid ?? -1,
      kill: async () => {
        child.kill('SIGKILL')
        await ended
      },
    }
    for (let tries = 0; tries < 1200 && !isOver; tries += 1) {
      const answer = await fetch(`${operatorUrl}/readyz`).catch(() => undefined)
      if (answer?.status === 200) return
      await sleep(50)
    }
    throw new Error(`A replica did not become ready: ${said.slice(-4000)}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    operatorUrl,
    start,
    kill: async () => {
      await running?.kill()
      running = undefined
    },
    memory: async () => {
      const status = await readFile(`/proc/${running?.pid}/status`, 'utf8')
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
    },
    faults: () => said.split('\n').filter((line) => line.includes('"levelname":"ERROR"')),
  }
}
