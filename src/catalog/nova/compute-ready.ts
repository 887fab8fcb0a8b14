/**
 * Waits until a server can be scheduled. A compute node is listed as a hypervisor only once it is mapped to its cell, and
 * has an inventory in Placement only once it has reported; a server that is asked for earlier gets "No valid host".
 */
import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import type { StepContext, StepResult } from '../content.ts'

/** The first start of nova-compute on a slow machine, and the periodic discovery of hosts after it. */
const readyMs = 180_000

/** With `lxc` there are nodes for container guests too, which cannot have the first server. */
export async function computeReady(context: StepContext, lxc: boolean): Promise<StepResult> {
  const { say, signal } = context
  const end = Date.now() + readyMs
  for (let said = ''; ; ) {
    const { ready, missing } = await look(context, lxc)
    if (ready !== undefined) return { action: 'unchanged', message: `servers can run on ${ready.join(', ')}` }
    if (Date.now() > end) {
      throw new CroqueError('verification-failed', {
        what: 'no compute node takes servers',
        why: `${missing}\n${await serviceStates(context)}`,
      })
    }
    if (missing !== said) say(missing)
    said = missing
    await pause(500, signal)
  }
}

interface Look {
  /** Names of the compute nodes that take servers, when there are any. */
  readonly ready?: readonly string[]
  readonly missing: string
}

async function look({ cloud }: StepContext, lxc: boolean): Promise<Look> {
  const others = lxc ? await cloud.compute.containerHypervisors() : []
  const listed = (await cloud.compute.hypervisors()).filter(({ id }) => !others.includes(id))
  const up = listed.filter((hypervisor) => hypervisor.up)
  if (listed.length === 0) return { missing: 'waiting for a compute node to be discovered' }
  if (up.length === 0) return { missing: `waiting for nova-compute on ${listed.map(({ name }) => name).join(', ')}` }
  const inventories = await Promise.all(
    up.map(async ({ id, name }) => ({ name, classes: await cloud.placement.inventory(id) })),
  )
  const ready = inventories.filter(({ classes }) => classes.includes('VCPU')).map(({ name }) => name)
  return ready.length === 0 ? { missing: 'waiting for the inventory in Placement' } : { ready, missing: '' }
}

async function serviceStates({ cloud }: StepContext): Promise<string> {
  const services = await cloud.compute.services()
  const state = (up: boolean, enabled: boolean): string => `${up ? 'up' : 'down'}${enabled ? '' : ', disabled'}`
  return services
    .map(
      ({ binary, host, up, enabled, disabledReason }) =>
        `${binary} on ${host}: ${state(up, enabled)}${disabledReason === undefined ? '' : ` (${disabledReason})`}`,
    )
    .join('\n')
}
