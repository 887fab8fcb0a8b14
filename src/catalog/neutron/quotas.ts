import type { StepContext, StepResult } from '../content.ts'

type Quotas = Readonly<Record<string, number>>

/** The wanted limits that are above the present ones. */
export async function lowQuotas({ cloud }: StepContext, wanted: Quotas): Promise<Quotas> {
  const { project } = await cloud.identity.whoami()
  const current = await cloud.network.quotas(project.id)
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, least]) => current[name] !== -1 && (current[name] ?? 0) < least),
  )
}

export async function raiseQuotas(context: StepContext, wanted: Quotas): Promise<StepResult> {
  const low = await lowQuotas(context, wanted)
  if (Object.keys(low).length === 0) return { action: 'unchanged', message: 'network quotas suffice' }
  const { project } = await context.cloud.identity.whoami()
  await context.cloud.network.setQuotas(project.id, low)
  return { action: 'configured', message: `raised ${Object.keys(low).join(', ')} of project ${project.name}` }
}
