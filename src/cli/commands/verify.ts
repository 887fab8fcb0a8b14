/** `verify`: every verification step once more, with a server of its own that is removed afterwards. */
import { problemOf } from '../../engine/index.ts'
import { stepContexts } from '../admin.ts'
import type { Run } from '../command.ts'
import { openKube, openPresent } from '../installation.ts'

export const run: Run = async (context) => {
  const installation = await openPresent(context)
  const kube = await openKube(installation)
  const { make, close } = stepContexts(context, installation, kube, { fresh: true })
  let failed = 0
  try {
    for (const [unit, step] of installation.steps) {
      if (!unit.startsWith('verify/')) continue
      const event = { type: 'unit', unit, group: 'verify' } as const
      context.emit({ ...event, state: 'running' })
      try {
        const { message } = await step.run(
          await make((text) => context.emit({ ...event, state: 'running', message: text })),
        )
        context.emit({ ...event, state: 'done', message })
      } catch (error) {
        context.signal.throwIfAborted()
        failed += 1
        context.emit({ ...event, state: 'failed', problem: problemOf(error) })
      }
    }
  } finally {
    close()
    kube.close()
  }
  const { name } = installation.cloud.metadata
  return failed === 0
    ? { summary: `The cloud ${name} works`, next: ['./croque openstack server list'] }
    : {
        exit: 1,
        summary: `${failed} of the checks of the cloud ${name} failed`,
        next: ['./croque status', installation.again],
      }
}
