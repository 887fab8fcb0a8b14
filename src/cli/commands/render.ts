import type { Run } from '../command.ts'
import { openInstallation } from '../installation.ts'

export const run: Run = async (context) => {
  const { rendering } = await openInstallation(context)
  const objects = rendering.units.flatMap(({ objects }) => objects)
  if (context.output === 'json') {
    context.emit({ type: 'data', data: rendering })
    return {}
  }
  const { stringify } = await import('yaml')
  context.stdout.write(
    objects.map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`).join(''),
  )
  return {}
}
