/** `plan`: what `up` would change, and why; changes nothing. */
import { type Change, changeEvent, plan } from '../../engine/index.ts'
import { engineActions } from '../actions.ts'
import type { Run } from '../command.ts'
import { openInstallation, openKube } from '../installation.ts'

const count = (changes: readonly Change[]): number => changes.filter(({ action }) => action !== 'unchanged').length

export const run: Run = async (context) => {
  const installation = await openInstallation(context)
  const { cloud, rendering, underlay } = installation
  if ((await underlay.access()) === undefined) {
    const objects = rendering.units.flatMap((unit) => unit.objects).length
    return {
      exit: 2,
      changes: { created: objects },
      summary: `The cloud ${cloud.metadata.name} is not on this machine: \`up\` would create all of it`,
      next: ['./croque up'],
    }
  }
  const kube = await openKube(installation)
  const { actions, close } = engineActions(context, installation, kube)
  try {
    const found = await plan(rendering, kube, { actions, signal: context.signal })
    for (const change of found.changes) if (change.action !== 'unchanged') context.emit(changeEvent(change, true))
    const changed = count(found.changes)
    return found.empty
      ? { changes: found.counts, summary: 'Nothing to change', next: ['./croque status'] }
      : {
          exit: 2,
          changes: found.counts,
          summary: `${changed} ${changed === 1 ? 'change' : 'changes'} to make`,
          next: ['./croque up'],
        }
  } finally {
    close()
    kube.close()
  }
}
