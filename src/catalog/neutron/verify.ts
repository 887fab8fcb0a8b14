import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import { contentNames, type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'
import { routers } from './own.ts'

/** Agents report within seconds of their start; this is for slow machines. */
const agentsMs = 120_000

/** The router has its gateway, and the agents on the nodes are alive. */
export function verifySteps(): readonly Step[] {
  return [
    {
      name: 'network',
      title: 'Neutron has a router and living agents',
      needs: [...throughGateway, 'content/router', 'neutron/agent', 'ovn/controller'],
      run: verifyNetwork,
    },
  ]
}

async function verifyNetwork(context: StepContext): Promise<StepResult> {
  const [router] = await routers(context)
  if (router?.gatewayNetwork === undefined) {
    throw new CroqueError('verification-failed', {
      what: router === undefined ? `there is no router ${contentNames.router}` : `router ${router.name} has no gateway`,
      next: 'Run `./croque up`: it makes the router again.',
    })
  }
  const hosts = await livingAgents(context)
  return { action: 'unchanged', message: `router ${router.name} has a gateway; agents alive on ${hosts.join(', ')}` }
}

/** Hosts whose agents are all alive. A host without any living agent is a node that is off or gone, which is no fault of the network. */
async function livingAgents({ cloud, say, signal }: StepContext): Promise<readonly string[]> {
  const end = Date.now() + agentsMs
  for (let said = ''; ; ) {
    const agents = await cloud.network.agents()
    const hosts = [...new Set(agents.filter((agent) => agent.alive).map((agent) => agent.host))]
    const dead = agents
      .filter((agent) => !agent.alive && hosts.includes(agent.host))
      .map((agent) => `${agent.kind} on ${agent.host}`)
    if (hosts.length > 0 && dead.length === 0) return hosts
    const missing = hosts.length === 0 ? 'no network agent is alive yet' : `not alive: ${dead.join(', ')}`
    if (Date.now() > end)
      throw new CroqueError('verification-failed', { what: 'not every network agent is alive', why: missing })
    if (missing !== said) say(missing)
    said = missing
    await pause(1000, signal)
  }
}
