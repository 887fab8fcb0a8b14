/** `down`: the machine is left as it was found. */
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { type ChangeCounts, remove, stepReporter } from '../../engine/index.ts'
import { CroqueError } from '../../errors/index.ts'
import { adminSession, credentials, wayOf } from '../admin.ts'
import { purgeCache } from '../cache.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'
import { type Installation, openKube, openPresent } from '../installation.ts'
import { needsOf } from '../preflight.ts'

export const run: Run = async (context) => {
  const installation = await openPresent(context)
  const { cloud, underlay } = installation
  if (!context.options.flag('yes')) await confirm(context, installation)
  if (underlay.local === undefined) return await removeCloud(context, installation)
  await underlay.local.hostNames([])
  await underlay.down(stepReporter({ emit: context.emit, group: 'underlay' }))
  const purged = context.options.flag('purge') && (await purgeCache(context, installation))
  return {
    summary: `The cloud ${cloud.metadata.name} is gone; this machine is as it was${purged ? ', and the caches are empty' : ''}`,
    next: ['./croque up'],
  }
}

/** From a cluster of somebody else only what carries the cloud's labels goes: the namespace with all in it, and what is cluster-wide. */
async function removeCloud(context: CommandContext, installation: Installation): Promise<CommandOutcome> {
  const { cloud, rendering, stateDir } = installation
  const kube = await openKube(installation)
  const report = stepReporter({ emit: context.emit, group: 'underlay' })
  const leaving = { script: installation.leaveNode, image: installation.site.images['ovn'] ?? 'ovn' }
  let changes: ChangeCounts
  try {
    const left = await report.step(
      'nodes',
      async () => await installation.underlay.leaveNodes?.(needsOf(installation), leaving, context.signal),
    )
    for (const each of left ?? [])
      context.emit({ type: 'notice', level: 'warning', message: `Something of the cloud may be left on ${each}` })
    changes = await report.step('cloud', async () => await remove(rendering, kube, context))
  } finally {
    kube.close()
  }
  await rm(stateDir, { recursive: true, force: true })
  if (context.options.flag('purge')) await purgeCache(context, installation)
  const message = 'Labels of nodes stay; `./croque node label NODE none` takes them away'
  context.emit({ type: 'notice', level: 'info', message })
  return { changes, summary: `The cloud ${cloud.metadata.name} is gone from the cluster`, next: ['./croque up'] }
}

/** Servers and volumes cannot be made again: their names are shown, and the answer must be yes. */
async function confirm(context: CommandContext, installation: Installation): Promise<void> {
  const servers = await serverNames(context, installation)
  if (servers.length === 0) return
  const what = `${servers.length} ${servers.length === 1 ? 'server' : 'servers'} will be lost: ${servers.slice(0, 10).join(', ')}${servers.length > 10 ? ', …' : ''}`
  if (!context.isTTY || !context.stdin.isTTY) throw new CroqueError('servers-left', { what })
  const ask = createInterface({ input: context.stdin, output: context.stderr })
  const answer = await ask
    .question(`${what}\nRemove the cloud all the same? [y/N] `, { signal: context.signal })
    .finally(() => ask.close())
  if (!/^y(es)?$/i.test(answer.trim())) throw new CroqueError('servers-left', { what })
}

/**
 * Names of all servers but those that croque made itself; none when the cloud does not answer, for then nobody can use them either.
 * A certificate of the user's that is not trusted here stops nobody else: throws `servers-left`.
 */
async function serverNames(context: CommandContext, installation: Installation): Promise<readonly string[]> {
  try {
    const kube = await openKube(installation)
    const session = adminSession(
      await credentials(installation, kube),
      AbortSignal.any([context.signal, AbortSignal.timeout(15_000)]),
      { way: wayOf(installation, kube) },
    )
    const servers = await session.compute.servers.all()
    session.close()
    kube.close()
    return servers.filter(({ metadata }) => metadata['croque'] === undefined).map(({ name }) => name)
  } catch (error) {
    const why = error instanceof CroqueError && error.code === 'openstack-unreachable' ? (error.why ?? '') : ''
    if (!/CERT|SELF_SIGNED|UNABLE_TO/.test(why)) return []
    throw new CroqueError('servers-left', { what: 'It cannot be seen whether servers would be lost', why })
  }
}
