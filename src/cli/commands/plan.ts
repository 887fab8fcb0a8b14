/** `plan`: what `up` would change, and why; changes nothing. */
import { changeEvent, type Emit, type Plan, plan } from '../../engine/index.ts'
import { engineActions } from '../actions.ts'
import type { CommandOutcome, Run } from '../command.ts'
import { openInstallation, openKube } from '../installation.ts'
import { givenSecrets } from '../preflight.ts'

export const run: Run = async (context) => {
  const installation = await openInstallation(context)
  const { again, cloud, rendering, underlay } = installation
  if ((await underlay.access()) === undefined) {
    const objects = rendering.units.flatMap((unit) => unit.objects).length
    return {
      exit: 2,
      changes: { created: objects },
      summary: `The cloud ${cloud.metadata.name} is not on this machine: \`up\` would create all of it`,
      next: [again],
    }
  }
  const kube = await openKube(installation)
  const { actions, close } = engineActions(context, installation, kube)
  try {
    await givenSecrets(context, installation, kube)
    return tellPlan(await plan(rendering, kube, { actions, signal: context.signal }), context.emit, again)
  } finally {
    close()
    kube.close()
  }
}

/** Shows every change and says how many there are; `again` is what makes them. */
export function tellPlan(found: Plan, emit: Emit, again: string): CommandOutcome {
  const changed = found.changes.filter(({ action }) => action !== 'unchanged')
  for (const change of changed) emit(changeEvent(change, true))
  if (found.empty) return { changes: found.counts, summary: 'Nothing to change', next: ['./croque status'] }
  return {
    exit: 2,
    changes: found.counts,
    summary: `${changed.length} ${changed.length === 1 ? 'change' : 'changes'} to make`,
    next: [again],
  }
}
