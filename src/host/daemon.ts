/** Long-running helpers of this machine that outlive croque, each known by a pid file that holds its identity. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CroqueError } from '../errors/index.ts'
import { readFileIfThere } from './files.ts'
import { isAlive, type ProcessIdentity, parseIdentity } from './identity.ts'
import { defaultPath } from './process.ts'

export interface Daemon {
  readonly command: string
  readonly args: readonly string[]
  readonly pidFile: string
  readonly logFile: string
}

/** Starts the daemon in a session of its own unless it is running; returns whether it had to be started. */
export async function ensureDaemon(daemon: Daemon): Promise<boolean> {
  if ((await daemonIdentity(daemon.pidFile)) !== undefined) return false
  mkdirSync(dirname(daemon.logFile), { recursive: true })
  const log = openSync(daemon.logFile, 'a', 0o600)
  try {
    const child = spawn('sh', ['-euc', recordAndRun, 'croque-daemon', daemon.pidFile, daemon.command, ...daemon.args], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: defaultPath },
      cwd: '/',
    })
    await untilRecorded(daemon, child)
    child.unref()
    return true
  } finally {
    closeSync(log)
  }
}

/** The daemon writes its identity (see `identity.ts`) down itself: whenever croque is killed, nothing runs that is not known. */
const recordAndRun = `
pid_file=$1
shift
printf '%s %s:%s\\n' "$$" "$(cat /proc/sys/kernel/random/boot_id)" "$(cut -d ' ' -f 22 "/proc/$$/stat")" >"$pid_file.new"
mv "$pid_file.new" "$pid_file"
exec "$@"
`

async function untilRecorded(daemon: Daemon, child: ChildProcess): Promise<void> {
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  failed.catch(() => undefined)
  if (child.pid === undefined) await failed
  for (let wait = 0; wait < 500; wait += 1) {
    const recorded = parseIdentity((await readFileIfThere(daemon.pidFile)) ?? '')
    if (recorded?.pid === child.pid) return
    if (child.exitCode !== null || child.signalCode !== null) break
    await sleep(10)
  }
  throw new CroqueError('command-failed', {
    what: `${daemon.command} ended at once`,
    why: `its log is ${daemon.logFile}`,
  })
}

/** Ends the daemon (SIGTERM, after two seconds SIGKILL) with the processes of its session's group, and removes its pid file. Idempotent. */
export async function stopDaemon(pidFile: string): Promise<void> {
  const identity = await daemonIdentity(pidFile)
  if (identity !== undefined) await endProcess(identity)
  await rm(pidFile, { force: true })
}

/** The daemon's identity while it is running. */
export async function daemonIdentity(pidFile: string): Promise<ProcessIdentity | undefined> {
  const identity = parseIdentity((await readFileIfThere(pidFile)) ?? '')
  return identity !== undefined && (await isAlive(identity)) ? identity : undefined
}

async function endProcess(identity: ProcessIdentity): Promise<void> {
  for (const [signal, waits] of [
    ['SIGTERM', 40],
    ['SIGKILL', 40],
  ] as const) {
    signalGroup(identity.pid, signal)
    for (let wait = 0; wait < waits; wait += 1) {
      if (!(await isAlive(identity))) return
      await sleep(50)
    }
  }
}

/** To a process and all that it started, as far as they left its group not; one that is gone is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
