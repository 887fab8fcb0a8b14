/** Forwards that are made when somebody asks for one, on whatever port is free then. */
import { createServer } from 'node:net'
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

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP listener without a port')
  return address.port
}
