import type { Run } from '../command.ts'
import { openPresent } from '../installation.ts'
import { inToolbox } from '../kubectl.ts'

export const run: Run = async (context) => ({
  exit: await inToolbox(context, await openPresent(context), ['/var/lib/openstack/bin/openstack', ...context.args]),
})
