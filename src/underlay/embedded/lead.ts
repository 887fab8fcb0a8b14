/** Forwards that are made when somebody asks for one, on whatever port is free then. */
import { freePort } from '../../host/index.ts'
import { ensureForward, forwardNames, hostPortOf, removeForward } from './forward.ts'
import type { Layout } from './layout.ts'

const prefix = 'lead-'

export const isLead = (forward: string): boolean => forward.startsWith(prefix)

/** Returns the port on 127.0.0.1, the same one as before where that can be had. */
export async function ensureLead(layout: Layout, name: string, target: string): Promise<number> {
  const forward = `${prefix}${name}`
  const before = await hostPortOf(layout, forward)
  const hostPort = before ?? (await freePort())
  await ensureForward(layout, { name: forward, hostPort, target })
  return hostPort
}

export async function endLead(layout: Layout, name: string): Promise<void> {
  const forward = `${prefix}${name}`
  if ((await forwardNames(layout)).includes(forward)) await removeForward(layout, forward)
}
