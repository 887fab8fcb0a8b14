/** Tells processes apart across reuse of process ids and reboots. */
import { readFile } from 'node:fs/promises'

export interface ProcessIdentity {
  readonly pid: number
  /** Boot id and start time in clock ticks since that boot: together with the pid never used twice. */
  readonly started: string
}

/** The identity of a process that is there now; undefined when there is none (or only its zombie). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ])
  if (stat === undefined) return undefined
  const fields = statFields(stat)
  if (fields.state === 'Z' || fields.state === 'X') return undefined
  return { pid, started: `${boot.trim()}:${fields.startTime}` }
}

/** Whether exactly this process is still running. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started
}

/** `PID BOOT:START`, the form in pid and lock files. */
export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.started}\n`
}

/** Reads what {@link formatIdentity} wrote; undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^(\d+) (\S+:\d+)\n?$/.exec(text)
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { pid: Number(match[1]), started: match[2] }
}

/** State and start time from /proc/PID/stat, whose second field may hold spaces and brackets. */
export function statFields(stat: string): { readonly state: string; readonly startTime: string } {
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: rest[0] ?? '', startTime: rest[19] ?? '' }
}
