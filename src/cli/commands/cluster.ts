/** `cluster`: Kubernetes for tenants, through the same public API that `openstack coe` asks. */
import { create, remove, resize, upgrade } from '../cluster/change.ts'
import { kubeconfig, kubectl } from '../cluster/kubeconfig.ts'
import { list, show } from '../cluster/look.ts'
import type { CommandContext, CommandOutcome, Run } from '../command.ts'

const actions: Readonly<
  Record<string, (context: CommandContext, given: readonly string[]) => Promise<CommandOutcome>>
> = { create, list, show, kubeconfig, kubectl, resize, upgrade, delete: remove }

export const run: Run = async (context) => {
  const [action = '', ...given] = context.args
  return (await actions[action]?.(context, given)) ?? {}
}
