/** Servers of the administrator's project answer ping, SSH and HTTP, so that a first server can be tried without further commands. */
import type { SecurityGroup, SecurityRule } from '../../openstack/index.ts'
import type { StepAction, StepContext, StepResult } from '../content.ts'

const tcp = (port: number): SecurityRule => ({ ...ingress, protocol: 'tcp', fromPort: port, toPort: port })

const ingress = { direction: 'ingress', etherType: 'IPv4', cidr: '0.0.0.0/0', fromPort: undefined, toPort: undefined }

const wanted = (): readonly SecurityRule[] => [{ ...ingress, protocol: 'icmp' }, tcp(22), tcp(80)]

export async function observeRules(context: StepContext): Promise<StepAction> {
  const group = await defaultGroup(context)
  return missing(group).length === 0 ? 'unchanged' : 'configured'
}

export async function makeRules(context: StepContext): Promise<StepResult> {
  const group = await defaultGroup(context)
  const rules = missing(group)
  if (group !== undefined)
    await Promise.all(rules.map((rule) => context.cloud.network.createSecurityRule(group.id, rule)))
  return {
    action: rules.length === 0 ? 'unchanged' : 'configured',
    message: 'security group default lets in ping, SSH and HTTP',
  }
}

/** Neutron makes the default group of a project when its groups are first listed. */
async function defaultGroup({ cloud }: StepContext): Promise<SecurityGroup | undefined> {
  const { project } = await cloud.identity.whoami()
  const [group] = await cloud.network.securityGroups(project.id, 'default')
  return group
}

function missing(group: SecurityGroup | undefined): readonly SecurityRule[] {
  return wanted().filter((rule) => !group?.rules.some((present) => sameRule(rule, present)))
}

function sameRule(wish: SecurityRule, rule: SecurityRule): boolean {
  const same = wish.direction === rule.direction && wish.etherType === rule.etherType && wish.protocol === rule.protocol
  // Neutron may keep "anywhere" as no prefix at all.
  return (
    same && wish.fromPort === rule.fromPort && wish.toPort === rule.toPort && (rule.cidr ?? '0.0.0.0/0') === wish.cidr
  )
}
