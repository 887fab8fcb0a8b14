/** `status`: three layers, what is healthy, what waits for what. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type CloudStatus, status, type UnitStatus } from '../../engine/index.ts'
import type { UnderlayStatus } from '../../underlay/index.ts'
import type { CommandContext, Run } from '../command.ts'
import { type Installation, openKube, openPresent } from '../installation.ts'

interface Seen {
  readonly underlay: UnderlayStatus
  readonly cloud?: CloudStatus
}

const watchSeconds = 2

export const run: Run = async (context) => {
  const installation = await openPresent(context)
  let seen = await look(context, installation)
  show(context, installation, seen)
  try {
    while (context.options.flag('watch')) {
      await sleep(watchSeconds * 1000, undefined, { signal: context.signal })
      seen = await look(context, installation)
      if (context.isTTY && context.output === 'text') context.stdout.write('\u001B[2J\u001B[H')
      show(context, installation, seen)
    }
  } catch (error) {
    // Ctrl-C is how watching ends.
    if (!context.signal.aborted) throw error
  }
  const healthy = seen.cloud?.healthy === true
  return {
    exit: healthy ? 0 : 1,
    summary: seen.cloud?.summary ?? `The underlay is ${seen.underlay.state}`,
    next: healthy ? ['./croque openstack server list', './croque verify'] : [installation.again],
  }
}

async function look(context: CommandContext, installation: Installation): Promise<Seen> {
  const underlay = await installation.underlay.status()
  if (underlay.state !== 'running') return { underlay }
  const kube = await openKube(installation)
  try {
    return { underlay, cloud: await status(installation.rendering, kube, { signal: context.signal }) }
  } finally {
    kube.close()
  }
}

function show(context: CommandContext, installation: Installation, { underlay, cloud }: Seen): void {
  const {
    notices,
    cloud: { metadata, spec },
  } = installation
  if (context.output === 'json') {
    context.emit({ type: 'data', data: { underlay, cloud, notices } })
    return
  }
  const lines = [
    `underlay    ${spec.underlay.type}: ${underlay.state}${underlay.message === undefined ? '' : `, ${underlay.message}`}`,
  ]
  for (const node of underlay.nodes)
    lines.push(
      `  ${node.ready ? 'ok  ' : 'wait'}  node ${node.name}${node.ready || node.message === undefined ? '' : `: ${node.message}`}`,
    )
  lines.push(
    `cloud       ${metadata.name}: OpenStack ${spec.release} at https://${spec.endpoints.host}:${spec.endpoints.port}`,
  )
  for (const notice of notices) lines.push(`  note  ${notice}`)
  for (const unit of cloud?.units ?? [])
    lines.push(
      `  ${word(unit)}  ${[unit.unit, ...(unit.state === 'ready' ? [] : [unit.reason]), ...(unit.health === undefined ? [] : [unit.health.summary])].join(': ')}`,
      ...[...unit.notes, ...(unit.health?.details ?? [])].map((note) => `        ${note}`),
    )
  context.stdout.write(`${lines.join('\n')}\n`)
}

function word({ state, health }: UnitStatus): string {
  if (state !== 'ready') return 'wait'
  if (health?.state === 'error') return 'ill '
  return health === undefined || health.state === 'ok' ? 'ok  ' : 'warn'
}
