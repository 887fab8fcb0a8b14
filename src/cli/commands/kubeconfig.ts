import { CroqueError } from '../../errors/index.ts'
import { answer } from '../answer.ts'
import type { Run } from '../command.ts'
import { openPresent } from '../installation.ts'

export const run: Run = async (context) => {
  const { underlay, cloud } = await openPresent(context)
  const access = await underlay.access()
  if (access === undefined)
    throw new CroqueError('underlay-absent', { what: `the cloud ${cloud.metadata.name} is not on this machine` })
  answer(context, { text: access.kubeconfig, data: { kubeconfig: access.kubeconfig } })
  return {}
}
