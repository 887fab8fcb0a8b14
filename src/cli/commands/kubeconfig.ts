import { CroqueError } from '../../errors/index.ts'
import type { Run } from '../command.ts'
import { openInstallation } from '../installation.ts'

export const run: Run = async (context) => {
  const { underlay, cloud } = await openInstallation(context)
  const access = await underlay.access()
  if (access === undefined)
    throw new CroqueError('underlay-absent', { what: `the cloud ${cloud.metadata.name} is not on this machine` })
  context.stdout.write(access.kubeconfig)
  return {}
}
