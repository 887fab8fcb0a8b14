/** Follows a server: to ACTIVE, to its first words on the console, to its end. */
import { CroqueError } from '../../errors/index.ts'
import { pause, type Server } from '../../openstack/index.ts'
import type { StepContext } from '../content.ts'

const buildMs = 240_000
const bootMs = 180_000
const removalMs = 120_000

/** Written to the serial console by the test image's init: the instance id from its metadata, or `none` when it gave up. */
const metadataMarker = /GUEST-METADATA (\S+)/

/** Returns the ACTIVE server; throws with Nova's fault and the compute node. */
export async function untilActive(context: StepContext, server: Server): Promise<Server> {
  const end = Date.now() + buildMs
  for (let said = ''; ; ) {
    const current = await context.cloud.compute.servers.get(server.id)
    if (current === undefined || current.status === 'DELETED') throw gone(server)
    if (current.status === 'ACTIVE') return current
    if (current.status === 'ERROR') throw failed(current)
    const doing = `${current.status}${current.task === undefined ? '' : `: ${current.task}`}${current.host === undefined ? '' : ` on ${current.host}`}`
    if (Date.now() > end) {
      throw new CroqueError('openstack-wait-expired', {
        what: `server ${server.name} is not ACTIVE after ${buildMs / 1000} s`,
        why: doing,
      })
    }
    if (doing !== said) context.say(`server ${server.name} is in ${doing}`)
    said = doing
    await pause(500, context.signal)
  }
}

/** Waits for the guest to say that it has read its metadata. */
export async function readMetadata(context: StepContext, server: Server): Promise<void> {
  const end = Date.now() + bootMs
  context.say('waiting for the guest to read its metadata')
  for (;;) {
    const text = await context.cloud.compute.servers.console(server.id, 200)
    const instance = metadataMarker.exec(text)?.[1]
    if (instance !== undefined && instance !== 'none') return
    if (instance === 'none' || Date.now() > end) {
      throw new CroqueError('verification-failed', {
        what: `the guest of server ${server.name} could not read its metadata`,
        why:
          text === ''
            ? 'its console is empty'
            : `its console ends with:\n${text.trimEnd().split('\n').slice(-15).join('\n')}`,
      })
    }
    await pause(1000, context.signal)
  }
}

export async function untilGone(context: StepContext, server: Server): Promise<void> {
  const end = Date.now() + removalMs
  for (;;) {
    const current = await context.cloud.compute.servers.get(server.id)
    if (current === undefined || current.status === 'DELETED') return
    if (Date.now() > end) {
      throw new CroqueError('openstack-wait-expired', {
        what: `server ${server.name} is not gone after ${removalMs / 1000} s`,
        why: `${current.status}${current.task === undefined ? '' : `: ${current.task}`}`,
      })
    }
    await pause(500, context.signal)
  }
}

function failed(server: Server): CroqueError {
  return new CroqueError('openstack-resource-failed', {
    what: `server ${server.name} went into ERROR${server.host === undefined ? ' before it had a compute node' : ` on ${server.host}`}`,
    ...(server.fault === undefined ? {} : { why: server.fault }),
  })
}

function gone(server: Server): CroqueError {
  return new CroqueError('openstack-resource-failed', {
    what: `server ${server.name} (${server.id}) was deleted while it was waited for`,
  })
}
