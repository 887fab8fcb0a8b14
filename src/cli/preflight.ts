/** Everything that stands in the way of `up`, all at once, before anything is changed. */
import { CroqueError } from '../errors/index.ts'
import type { CommandContext } from './command.ts'
import type { Installation } from './installation.ts'

/** Throws `preflight-failed` when something cannot be mended by `up` itself. A running underlay has passed before. */
export async function preflight(context: CommandContext, installation: Installation): Promise<void> {
  if ((await installation.underlay.status()).state === 'running') return
  const findings = await installation.underlay.preflight()
  for (const finding of findings) context.emit({ type: 'finding', ...finding })
  const wrong = findings.filter(({ ok, severity }) => !ok && severity === 'error')
  if (wrong.length === 0) return
  throw new CroqueError('preflight-failed', {
    what: `${wrong.length} ${wrong.length === 1 ? 'thing stands' : 'things stand'} in the way: ${wrong.map(({ check }) => check).join(', ')}`,
  })
}
