/** What the e2e tests of a cloud share: one installation under a name of its own, run as a user does. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parse } from 'yaml'
import type { StampedEvent } from '../../src/engine/index.ts'
import { type ClientCredentials, type ConnectOptions, connect, type OpenStack } from '../../src/openstack/index.ts'

const repoDir = resolve(import.meta.dirname, '../..')
export const croque = join(repoDir, 'croque')
const minutes = 60_000

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Result {
  readonly ok: boolean
  readonly changes: Readonly<Record<string, number>>
  readonly seconds: number
}

/** A run that is under way; `ended` gives its exit code, undefined when it was killed. */
export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<number | undefined>
}

export interface Installation {
  readonly name: string
  /** Path of its document. */
  readonly document: string
  readonly stateDir: string
  /** Its document with more below `spec`, or as it was at first. */
  readonly write: (more?: string) => void
  readonly run: (...args: readonly string[]) => Ran
  /** The same, of what must end well. */
  readonly done: (...args: readonly string[]) => void
  /** With `--file` of its document. */
  readonly withFile: (command: string, ...more: readonly string[]) => Ran
  /** `up --output json`, its events one by one as they come. */
  readonly startUp: (onEvent: (event: StampedEvent, running: Running) => void) => Running
  readonly kubectl: (...args: readonly string[]) => Ran
  /** The openstack client in the toolbox; the parsed answer of `-f json`. */
  readonly openstack: (...args: readonly string[]) => unknown
  /** What a client on this machine logs in with as the administrator. */
  readonly login: () => ClientCredentials & { readonly caFile: string }
  /** The APIs as the administrator, in a session of its own: for the many calls where the client's two seconds each would add up. */
  readonly api: (more?: Pick<ConnectOptions, 'retryMs'>) => OpenStack
  /** What `down` must leave as it was. */
  readonly machine: () => Readonly<Record<string, string>>
  /** What `plan` would change, a line each; empty when nothing. */
  readonly planned: () => readonly string[]
  /** Takes all of it away, unless CROQUE_TEST_KEEP is set, for looking at what a failed test left. */
  readonly remove: () => void
}

export function installation(
  name: string,
  ports: { readonly api: number; readonly public: number; readonly nodes?: number; readonly lxcNodes?: number },
): Installation {
  const directory = mkdtempSync(join(tmpdir(), `croque-${name}-`))
  const document = join(directory, 'cloud.yaml')
  const stateDir = join(process.env['CROQUE_STATE_DIR'] ?? '/var/lib/croque', name)
  const text = `apiVersion: croque.dev/v1alpha1
kind: Cloud
metadata:
  name: ${name}
spec:
  underlay:
    type: embedded
    apiPort: ${ports.api}
    nodes: ${ports.nodes ?? 1}
    lxcNodes: ${ports.lxcNodes ?? 0}
  endpoints:
    port: ${ports.public}
`
  const write = (more = ''): void => writeFileSync(document, text + more)
  write()
  // Commands that hand their arguments on know the cloud by the environment.
  const env = { ...process.env, CROQUE_CLOUD: name }
  const run = (...args: readonly string[]): Ran => {
    const result = spawnSync(croque, args, {
      encoding: 'utf8',
      timeout: 20 * minutes,
      maxBuffer: 256 * 1024 * 1024,
      env,
    })
    // One that was ended because it took too long says nothing itself.
    const stderr = result.error === undefined ? result.stderr : `${result.stderr}${result.error.message}`
    return { code: result.status ?? 1, stdout: result.stdout, stderr }
  }
  const kubectl = (...args: readonly string[]): Ran => run('kubectl', ...args)
  const login: Installation['login'] = () => {
    const file = run('clouds.yaml', '--name', name)
    if (file.code !== 0) throw new Error(`clouds.yaml: ${file.stderr}`)
    const { auth, region_name: region, cacert: caFile } = (parse(file.stdout) as CloudsYaml).clouds[name] ?? never(name)
    return {
      authUrl: auth.auth_url,
      username: auth.username,
      password: auth.password,
      project: auth.project_name,
      region,
      caFile,
    }
  }
  return {
    name,
    document,
    stateDir,
    write,
    run,
    done: (...args) => {
      const ran = run(...args)
      if (ran.code !== 0) throw new Error(`croque ${args.join(' ')}: ${ran.stdout}${ran.stderr}`)
    },
    kubectl,
    withFile: (command, ...more) => run(command, '--file', document, ...more),
    startUp: (onEvent) => {
      const child = spawn(croque, ['up', '--file', document, '--output', 'json'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        env,
      })
      const ended = new Promise<number | undefined>((done) => child.once('exit', (code) => done(code ?? undefined)))
      const running = { process: child, ended }
      createInterface({ input: child.stdout }).on('line', (line) => onEvent(JSON.parse(line) as StampedEvent, running))
      return running
    },
    openstack: (...args) => {
      const client = '/var/lib/openstack/bin/openstack'
      const place = ['-n', 'openstack', 'exec', 'deployment/toolbox-client', '-c', 'client', '--']
      const answer = kubectl(...place, client, ...args, '-f', 'json')
      if (answer.code !== 0) throw new Error(`openstack ${args.join(' ')}: ${answer.stderr}`)
      return JSON.parse(answer.stdout)
    },
    login,
    api: (more) => {
      const { caFile, ...given } = login()
      return connect({ ...given, ca: readFileSync(caFile, 'utf8'), ...more })
    },
    machine: () => {
      const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(`/${name}/`))
      const groups = spawnSync('find', ['/sys/fs/cgroup', '-path', `*/croque/${name}*`], { encoding: 'utf8' }).stdout
      const links = spawnSync('ip', ['-brief', 'link'], { encoding: 'utf8' }).stdout.replaceAll(/ .*/g, '')
      return { hosts: readFileSync('/etc/hosts', 'utf8'), mounts: mounts.join('\n'), groups, links }
    },
    planned: () =>
      run('plan', '--file', document, '--output', 'json')
        .stdout.split('\n')
        .filter((line) => line.includes('"type":"change"') || line.includes('"type":"error"')),
    remove: () => {
      if (process.env['CROQUE_TEST_KEEP'] !== undefined) return
      run('down', '--file', document, '--yes')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface CloudsYaml {
  readonly clouds: Readonly<
    Record<
      string,
      {
        readonly auth: Readonly<Record<'auth_url' | 'username' | 'password' | 'project_name', string>>
        readonly region_name: string
        readonly cacert: string
      }
    >
  >
}

function never(name: string): never {
  throw new Error(`clouds.yaml has no cloud ${name}`)
}

/** The last line of a command with `--output json`. */
export function resultOf({ stdout }: Ran): Result {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}') as Result
}

/** What went wrong in a run with `--output json`. */
export const failures = ({ stdout, stderr }: Ran): string =>
  `${stdout
    .split('\n')
    .filter((line) => /"failed"|"type":"error"|"type":"finding".*"ok":false/.test(line))
    .join('\n')}\n${stderr.slice(-2000)}`

/** The address of a server in the provider network; empty when it has none. */
export function floatingIp(cloud: Installation, server: string): string {
  const { addresses } = cloud.openstack('server', 'show', server) as {
    readonly addresses: Readonly<Record<string, readonly string[]>>
  }
  return (
    Object.values(addresses)
      .flat()
      .find((ip) => ip.startsWith('172.24.4.')) ?? ''
  )
}
