/** What state things are in after an `up` that went well. */
import { type Installation, templateStep } from './installation.ts'

/** Claims no more than what was tried: a document without first content has no server to try. */
export function upSummary({ cloud, steps }: Pick<Installation, 'cloud' | 'steps'>, verified: boolean): string {
  const { host, port } = cloud.spec.endpoints
  const up = `The cloud ${cloud.metadata.name} is up`
  const url = `https://${host}:${port}`
  if (!verified) return `${up} at ${url}; it was not verified`
  return steps.has('verify/server') ? `${up}: a server is ACTIVE at ${url}` : `${up} at ${url}; no server was tried`
}

/** What to type next: the way to a tenant's cluster where clusters are offered. */
export const nextCommands = ({ steps }: Pick<Installation, 'steps'>, verified: boolean): readonly string[] => [
  ...(verified ? [] : ['./croque verify']),
  ...(steps.has(templateStep)
    ? ['./croque cluster create demo', './croque cluster kubeconfig demo --to demo.kubeconfig']
    : []),
  './croque openstack server list',
  './croque status',
  './croque down',
]
