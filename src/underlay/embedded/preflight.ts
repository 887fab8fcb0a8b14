/** Looks at this machine before anything is made: every finding at once. */
import { CroqueError } from '../../errors/index.ts'
import { installPackages, missingPackages } from '../../host/index.ts'
import type { Finding, StepReporter } from '../underlay.ts'
import type { EmbeddedOptions } from './context.ts'
import { judge, packageFinding } from './preflight-judge.ts'
import { neededPackages, observeMachine } from './preflight-observe.ts'

export async function preflight(options: EmbeddedOptions): Promise<readonly Finding[]> {
  return judge(await observeMachine(options))
}

/** Installs the packages that are missing after saying so, and throws `preflight-failed` with all errors when there are any. */
export async function requireMachine(
  options: EmbeddedOptions,
  report: StepReporter,
  signal: AbortSignal,
): Promise<void> {
  await report.step('preflight', async (say) => {
    const findings = await preflight(options)
    const errors = findings.filter(({ ok, severity }) => !ok && severity === 'error')
    if (errors.length > 0) {
      throw new CroqueError('preflight-failed', {
        what: `this machine cannot carry the underlay: ${errors.length} of ${findings.length} checks failed`,
        why: errors
          .map(({ check, message, next }) => `${check}: ${message}${next === undefined ? '' : `. ${next}`}`)
          .join('\n'),
      })
    }
    const missing = await missingPackages(await neededPackages())
    if (missing.length === 0) return
    say(packageFinding(missing).message)
    await installPackages(missing, { env: options.env, signal, say })
  })
}
