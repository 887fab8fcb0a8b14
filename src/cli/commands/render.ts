/** `render`: the Kubernetes objects of a document, as they would be applied. */
import { yamlDocument } from '../../render/index.ts'
import type { Run } from '../command.ts'
import { openInstallation } from '../installation.ts'

export const run: Run = async (context) => {
  const { rendering } = await openInstallation(context)
  if (context.output === 'json') {
    context.emit({ type: 'data', data: rendering })
    return {}
  }
  const [base, ...rest] = rendering.units.map(({ objects }) => objects)
  const secrets = context.options.flag('generate-secrets') ? await invented(rendering) : []
  context.stdout.write([...(base ?? []), ...secrets, ...rest.flat()].map(yamlDocument).join(''))
  return {}
}

/** Secrets with values of their own each time; loaded only when asked for. */
async function invented(rendering: Parameters<typeof import('../../engine/index.ts').inventSecrets>[0]) {
  const { inventSecrets } = await import('../../engine/index.ts')
  return await inventSecrets(rendering)
}
