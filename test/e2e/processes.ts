/** Programs of a cloud, found on this machine by the control group of its nodes, and killed there. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Installation } from './installation.ts'

/** Processes in the cloud's nodes whose command line matches. */
export function processes({ name }: Pick<Installation, 'name'>, pattern: RegExp): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const inside = readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/croque/${name}/`)
        return inside && pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))
      } catch {
        return false
      }
    })
    .map(Number)
}

/** With SIGKILL. */
export const end = (pids: readonly number[]): void => {
  for (const pid of pids) process.kill(pid, 'SIGKILL')
}
