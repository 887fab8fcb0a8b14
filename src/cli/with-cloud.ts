/** The cloud that is here, for as long as some work takes. */
import type { StepContext } from '../catalog/index.ts'
import { stepContexts } from './admin.ts'
import type { CommandContext } from './command.ts'
import { type Installation, openKube } from './installation.ts'

/** As its administrator. Throws `underlay-absent`. */
export async function withCloud<T>(
  context: CommandContext,
  installation: Installation,
  work: (step: StepContext) => Promise<T>,
): Promise<T> {
  const kube = await openKube(installation)
  const { make, close } = stepContexts(context, installation, kube)
  try {
    return await work(await make(() => undefined))
  } finally {
    close()
    kube.close()
  }
}
