/** What the cloud says of a cluster to its autoscaler: as the cluster's user, who may see all of the project, and only what is the cluster's. */
import type { OpenStack } from '../../../openstack/index.ts'
import type { CloudQuestion } from '../../autoscaler/index.ts'
import type { Cluster } from '../../model/index.ts'
import { stackName } from './names.ts'

type Cloud = Pick<OpenStack, 'request'>

/** Of UUIDs, and of what Nova takes for the ID of a flavor. Two dots would lead elsewhere: to the list of all stacks. */
const stackForm = /^[\w-]+$/
const flavorForm = /^(?!\.+$)[\w. -]+$/

/** Undefined for what is not there, or not the cluster's. */
export async function seenByAutoscaler(cloud: Cloud, cluster: Cluster, question: CloudQuestion): Promise<unknown> {
  if ('flavor' in question)
    return flavorForm.test(question.flavor)
      ? await get(cloud, 'compute', `/flavors/${encodeURIComponent(question.flavor)}`)
      : undefined
  const { stack, part } = question
  if (!stackForm.test(stack)) return undefined
  const name = question.name ?? (await nameOf(cloud, stack))
  // Heat knows a stack by its UUID only together with its own name.
  if (name === undefined || !isOwn(cluster, name)) return undefined
  return await get(cloud, 'orchestration', `/stacks/${name}/${stack}${part}`)
}

async function get(cloud: Cloud, service: string, path: string): Promise<unknown> {
  const { status, body } = await cloud.request(service, 'GET', path, { okStatus: [200, 404] })
  return status === 200 ? body : undefined
}

/** Heat answers to a UUID alone with where the stack is. */
async function nameOf(cloud: Cloud, stack: string): Promise<string | undefined> {
  const { headers } = await cloud.request('orchestration', 'GET', `/stacks/${stack}`, { okStatus: [302, 404] })
  return /\/stacks\/([^/?]+)\/[^/?]+$/.exec(headers['location'] ?? '')?.[1]
}

/** Stacks of workers: the cluster's, those of its node groups, and what Heat names in them. Eight digits more are another cluster's, as in `orphans.ts`. */
function isOwn(cluster: Cluster, name: string): boolean {
  const [group, drawn] = ['-[a-z0-9-]+-[0-9a-f]{4}', '-[a-z2-7]{12}']
  const nested = `-kube_minions${drawn}(-\\d+${drawn})?`
  return new RegExp(`^${stackName(cluster)}(?!.*-[0-9a-f]{8}(-|$))(${group})?(${nested})?$`).test(name)
}
