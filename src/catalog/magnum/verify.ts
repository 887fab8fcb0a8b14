import { CroqueError } from '../../errors/index.ts'
import { pause } from '../../openstack/index.ts'
import { contentNames, type Step, type StepContext, type StepResult, throughGateway } from '../content.ts'

/** Its predecessor's lease has to end before a new one works, after a power cut for example. */
const patienceMs = 90_000

/** What `openstack coe service list` asks, the same way: one conductor answers for all, and it is up. */
export function verifySteps({ offered }: { readonly offered: boolean }): readonly Step[] {
  return [
    ...(offered
      ? [
          {
            name: 'cluster-template',
            title: 'clusters are offered',
            needs: [...throughGateway, 'content/cluster-template'],
            run: templateThere,
          },
        ]
      : []),
    {
      name: 'clusters',
      title: 'Magnum lists its services',
      needs: [...throughGateway, 'magnum/api'],
      run: conductorUp,
    },
  ]
}

/** There is a template by the name that the first commands take. What is in it is its maker's matter. */
async function templateThere({ cloud }: StepContext): Promise<StepResult> {
  const name = contentNames.clusterTemplate
  const templates = await cloud.containerInfra.templates()
  if (templates.some((template) => template.name === name))
    return { action: 'unchanged', message: `clusters can be made of the template ${name}` }
  throw new CroqueError('verification-failed', {
    what: `there is no cluster template ${name}`,
    why: templates.length === 0 ? 'there is none at all' : `there are ${templates.map((one) => one.name).join(', ')}`,
  })
}

async function conductorUp(context: StepContext): Promise<StepResult> {
  const { say, signal } = context
  const end = Date.now() + patienceMs
  for (let said = ''; ; ) {
    const { services, missing } = await look(context)
    if (missing === undefined) return { action: 'unchanged', message: `the API of clusters answers: ${services}` }
    if (Date.now() > end)
      throw new CroqueError('verification-failed', {
        what: 'Magnum answers, and nothing works on clusters',
        why: missing,
      })
    if (missing !== said) say(missing)
    said = missing
    await pause(1000, signal)
  }
}

interface Look {
  readonly services: string
  readonly missing?: string
}

async function look({ cloud }: StepContext): Promise<Look> {
  const listed = await cloud.containerInfra.services()
  const services = listed.map(({ binary, state }) => `${binary} is ${state}`).join(', ')
  if (listed.length === 0) return { services, missing: 'it lists no service' }
  const down = listed.filter(({ state }) => state !== 'up')
  return down.length === 0
    ? { services }
    : { services, missing: down.map(({ binary, host, state }) => `${binary} on ${host} is ${state}`).join(', ') }
}
