/** Quotas of the administrator's project: raised where they are lower than wanted, never lowered. */
import type { OpenStack } from '../openstack/index.ts'
import type { Step, StepContext } from './content.ts'

type Quotas = Readonly<Record<string, number>>

interface QuotaStep {
  /** `compute`: the step is `compute-quotas`. */
  readonly name: 'compute' | 'network'
  readonly needs: readonly string[]
  /** Least limits, by the service's own names. */
  readonly wanted: Quotas
}

export function quotaStep({ name, needs, wanted }: QuotaStep): Step {
  const low = async ({ cloud }: StepContext): Promise<Quotas> => {
    const { project } = await cloud.identity.whoami()
    return below(await service(cloud, name).quotas(project.id), wanted)
  }
  return {
    name: `${name}-quotas`,
    title: `${name} quotas`,
    needs,
    observe: async (context) => (Object.keys(await low(context)).length === 0 ? 'unchanged' : 'configured'),
    run: async (context) => {
      const raised = await low(context)
      if (Object.keys(raised).length === 0) return { action: 'unchanged', message: `${name} quotas suffice` }
      const { project } = await context.cloud.identity.whoami()
      await service(context.cloud, name).setQuotas(project.id, raised)
      return { action: 'configured', message: `raised ${Object.keys(raised).join(', ')} of project ${project.name}` }
    },
  }
}

const service = (cloud: OpenStack, name: QuotaStep['name']): OpenStack['compute'] | OpenStack['network'] => cloud[name]

/** The wanted limits that are above the present ones; -1 is no limit. */
const below = (current: Quotas, wanted: Quotas): Quotas =>
  Object.fromEntries(
    Object.entries(wanted).filter(([limit, least]) => current[limit] !== -1 && (current[limit] ?? 0) < least),
  )
