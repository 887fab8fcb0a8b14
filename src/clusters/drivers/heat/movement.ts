/** Whether a stack goes on. Heat tells of its own steps only: while Nova, Cinder or Octavia work it says nothing, and Nova is asked itself. */
import type { Machine } from './machines.ts'

interface Part {
  readonly resource_type: string
  readonly resource_status: string
  readonly physical_resource_id: string | null
  readonly updated_time: string
}

interface Times {
  readonly creation_time: string
  readonly updated_time: string | null
}

interface Seen {
  readonly parts: readonly Part[]
  /** By UUID of the server. */
  readonly machines: ReadonlyMap<string, Machine>
}

/** By the second: when Heat, or Nova for it, did something last. */
export function movedAt({ creation_time: created, updated_time: updated }: Times, { parts, machines }: Seen): number {
  const times = [created, updated ?? created, ...parts.map((one) => one.updated_time)].map((time) => Date.parse(time))
  return Math.max(...times, ...[...machines.values()].flatMap(({ movedAt }) => movedAt ?? []))
}

const slow = /^OS::(Nova::Server|Cinder::Volume|Octavia::\w+)$/

/** Whether one of those has a part of it in hand, which may take minutes. Of what Nova is done with, a Heat that lives knows a second later. */
export const isBuilt = ({ parts, machines }: Seen): boolean =>
  parts.some(
    ({ resource_type: type, resource_status: status, physical_resource_id: id }) =>
      slow.test(type) &&
      status.endsWith('_IN_PROGRESS') &&
      (type !== 'OS::Nova::Server' || isInHand(status, machines.get(id ?? '')?.state)),
  )

/** A server that has no id yet is in nobody's hand: to be asked for takes Nova no time. */
function isInHand(status: string, machine: string | undefined): boolean {
  if (machine === undefined || machine === 'gone') return false
  // One that goes is `ACTIVE` until it is gone.
  return status.startsWith('DELETE_') || !/^(ACTIVE|ERROR)/.test(machine)
}
