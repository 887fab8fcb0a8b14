import { openrc } from '../../openstack/index.ts'
import { credentials } from '../admin.ts'
import { answer } from '../answer.ts'
import type { Run } from '../command.ts'
import { caFile, openKube, openPresent } from '../installation.ts'

export const run: Run = async (context) => {
  const installation = await openPresent(context)
  const given = await credentials(installation, await openKube(installation))
  const text = openrc({ ...given, ...(await caFile(installation, given.ca)) })
  answer(context, { text, data: { openrc: text } })
  return {}
}
