/** What state an installation is in, without changing it. */
import { existsSync } from 'node:fs'
import { CroqueError } from '../../errors/index.ts'
import type { UnderlayStatus } from '../underlay.ts'
import { apiForward, isForwarding } from './forward.ts'
import { nodeConditions } from './kubectl.ts'
import type { Layout } from './layout.ts'
import { containerState } from './node.ts'
import { readRecord } from './record.ts'

export async function embeddedStatus(layout: Layout): Promise<UnderlayStatus> {
  if (!existsSync(layout.record)) return { state: 'absent', nodes: [] }
  const states = await Promise.all(
    layout.nodes.map(async (node) => ({ name: node.name, state: await containerState(layout, node) })),
  )
  const down = states.map(({ name, state }) => ({ name, ready: false, message: `its container is ${state}` }))
  if (states.every(({ state }) => state !== 'running')) return { state: 'stopped', nodes: down }
  const members = (await readRecord(layout))?.members ?? []
  const missing = layout.nodes.map(({ name }) => name).filter((name) => !members.includes(name))
  if (missing.length > 0)
    return { state: 'partial', nodes: down, message: `\`up\` is still to make ${missing.join(', ')}` }
  if (!(await isForwarding(layout, apiForward)))
    return { state: 'partial', nodes: down, message: 'nothing leads to the API server' }
  return await nodeStatus(layout)
}

async function nodeStatus(layout: Layout): Promise<UnderlayStatus> {
  try {
    const conditions = await nodeConditions(layout)
    const nodes = conditions.map(({ name, ready, message }) => (ready ? { name, ready } : { name, ready, message }))
    return { state: nodes.every(({ ready }) => ready) ? 'running' : 'partial', nodes }
  } catch (error) {
    const message = error instanceof CroqueError ? (error.why ?? error.message) : String(error)
    const nodes = layout.nodes.map(({ name }) => ({ name, ready: false, message: 'the API server does not answer' }))
    return { state: 'partial', nodes, message }
  }
}
