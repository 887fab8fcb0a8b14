/** A compute node gives its servers to others by live migration, and takes none meanwhile. */
import { CroqueError } from '../../errors/index.ts'
import { pause, type Server, statusOf } from '../../openstack/index.ts'
import type { NodeContext, NodeDuty } from '../content.ts'

/** By which croque knows later that nobody else had a reason. */
const ownReason = 'Drained by croque.'

const migratesMs = 600_000
/** Nova moves them while they run; all others keep their disks where they are. */
const running = ['ACTIVE', 'PAUSED', 'MIGRATING']

export const nodeDuty: NodeDuty = {
  role: 'compute',
  drain: async (node, context) => {
    const { cloud, say } = context
    await disable(node, context)
    const stays: string[] = []
    const here = (await cloud.compute.servers.all()).filter(({ host }) => host === node)
    // One after another: each has the whole network and processor of the node, and is soonest done.
    for (const [index, server] of here.entries()) {
      say(`server ${server.name}, ${index + 1} of ${here.length}`)
      const why = running.includes(server.status) ? await migrate(server, context) : `it is ${server.status}`
      if (why !== undefined) stays.push(`the server ${server.name} (${server.id}): ${why}`)
    }
    return stays
  },
  resume,
}

/** Container guests are processes of their node's kernel, and libvirt moves none. */
export const containerDuty: NodeDuty = {
  role: 'compute-lxc',
  drain: async (node, context) => {
    await disable(node, context)
    return (await context.cloud.compute.servers.all())
      .filter(({ host }) => host === node)
      .map(({ id, name }) => `the server ${name} (${id}): container guests do not move to other nodes`)
  },
  resume,
}

async function disable(node: string, context: NodeContext): Promise<void> {
  const service = await serviceOf(node, context)
  if (service?.enabled === true)
    await context.cloud.compute.setService(service.id, { enabled: false, reason: ownReason })
}

async function resume(node: string, context: NodeContext): Promise<readonly string[]> {
  const service = await serviceOf(node, context)
  if (service === undefined || service.enabled) return []
  if (service.disabledReason !== ownReason)
    return [`its compute service was disabled by somebody else: ${service.disabledReason ?? 'no reason given'}`]
  await context.cloud.compute.setService(service.id, { enabled: true })
  return []
}

async function serviceOf(node: string, { cloud }: NodeContext) {
  return (await cloud.compute.services()).find(({ binary, host }) => binary === 'nova-compute' && host === node)
}

/** Undefined when it has moved or is gone, else why it has not. One that moves already is waited for. */
async function migrate({ id, host, task }: Server, { cloud, signal }: NodeContext): Promise<string | undefined> {
  const { servers } = cloud.compute
  try {
    if (task === undefined) await servers.liveMigrate(id)
  } catch (error) {
    if (!(error instanceof CroqueError) || ![400, 404, 409].includes(statusOf(error) ?? 0)) throw error
    return error.why ?? error.message
  }
  for (const end = Date.now() + migratesMs; Date.now() < end; await pause(1000, signal)) {
    const server = await servers.get(id)
    if (server === undefined) return undefined
    if (server.task === undefined) return server.host === host ? 'its migration failed, and it runs on here' : undefined
  }
  return `its migration has not ended within ${migratesMs / 1000} s`
}
