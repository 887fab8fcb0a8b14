import { cloudsYaml } from '../../openstack/index.ts'
import { credentials } from '../admin.ts'
import type { Run } from '../command.ts'
import { caFile, openInstallation, openKube } from '../installation.ts'

export const run: Run = async (context) => {
  const installation = await openInstallation(context)
  const given = await credentials(installation, await openKube(installation))
  context.stdout.write(
    cloudsYaml(installation.cloud.metadata.name, { ...given, caFile: await caFile(installation, given.ca) }),
  )
  return {}
}
